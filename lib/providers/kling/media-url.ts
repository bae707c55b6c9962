import { isHostName, isPublicHost } from '../../public-host.ts';
import { urlTextProblem } from '../../url-text.ts';

/** Signed links with a session token have some 2,000 characters; beyond this, servers refuse the request line. */
const maxUrlCharacters = 8_192;

/**
 * What is wrong with the address of a picture or video, or `undefined`. Kling fetches it, so it must be reachable
 * from the internet; `allowPrivate` is for a fake on the same machine.
 */
export const mediaUrlProblem = (text: string, allowPrivate: boolean): string | undefined => {
  if (text.length > maxUrlCharacters)
    return `is longer than the ${maxUrlCharacters} characters that a URL may have.`;
  const stray = urlTextProblem(text);
  if (stray !== undefined) return stray;
  if (!URL.canParse(text)) return 'is not a valid URL.';
  const url = new URL(text);
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    return 'must be an http or https URL, because Kling fetches it.';
  if (url.username !== '' || url.password !== '')
    return 'must not hold a user name or password; use a signed URL instead.';
  if (!isHostName(url.hostname) || url.port === '0')
    return 'cannot be fetched by Kling: no host can have this name or port.';
  if (!allowPrivate && !isPublicHost(url.hostname))
    return `cannot be fetched by Kling: ${url.hostname} is not a name on the internet.`;
  return undefined;
};
