/** What other gateways and providers call a field, by its name here: without capitals, and without what joins the words. */
const otherNames: Readonly<Record<string, readonly string[]>> = {
  image: [
    'imageurl',
    'imgurl',
    'inputimage',
    'initimage',
    'startimage',
    'firstframe',
    'firstframeimage',
    'firstframeurl',
    'referenceimage',
  ],
  image_tail: ['endimage', 'lastframe', 'lastframeimage', 'lastframeurl', 'tailimage', 'tailimageurl'],
  images: ['imageurls', 'referenceimages'],
  callback_url: [
    'callback',
    'webhook',
    'webhookurl',
    'hookurl',
    'notifyurl',
    'notifyhook',
    'notificationurl',
  ],
  callback_events: ['events', 'webhookevents', 'webhookeventsfilter'],
  expires_after: ['ttl', 'timeout', 'expiresin'],
  duration: ['length', 'videolength', 'numseconds'],
  aspect_ratio: ['ratio'],
  size: ['width', 'height', 'resolution'],
  sound: ['audio', 'withaudio', 'generateaudio', 'enableaudio'],
  cfg_scale: ['cfg', 'guidance', 'guidancescale'],
  n: ['numimages', 'numvideos', 'numoutputs', 'batchsize'],
  'the header Idempotency-Key': ['idempotencykey', 'clienttoken'],
};

/** The field of `known`, or the header, that is meant by a name that other services have for it. */
export const meantBy = (name: string, known: readonly string[]): string | undefined => {
  const plain = name.toLowerCase().replace(/[^a-z]/g, '');
  const [meant] = Object.entries(otherNames).find(([, names]) => names.includes(plain)) ?? [];
  return meant !== undefined && (known.includes(meant) || meant.startsWith('the header '))
    ? meant
    : undefined;
};
