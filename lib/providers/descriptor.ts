import type { Problem } from '../errors.ts';
import type { Json } from '../json.ts';
import type { Clock } from '../time.ts';
import type { HttpClient } from './http/client.ts';
import type { ImageProvider, OpenLink } from './image-provider.ts';
import type { ImageModel, VideoModel } from './model.ts';
import type { ListedPrices, Traits } from './prices.ts';
import type { StatusUpdate, VideoProvider, VideoRequest } from './provider.ts';
import type { FieldTable } from './read-fields.ts';
import type { SandboxRenders } from './sandbox-renders.ts';

/** All that is known of an upstream service outside its folder. */
export type ProviderDescriptor<Live extends boolean = true> = VideoDescriptor<Live> | ImageDescriptor<Live>;

type CommonDescriptor<Live extends boolean> = {
  /** `false`: the sandbox in its place, for test keys. */
  livemode: Live;
  /** In addresses and file names. */
  name: string;
  /** As people write it. */
  title: string;
  /** How the names of its variables begin, as in `<prefix>_BASE_URL`. */
  variablePrefix: string;
  defaultBaseUrl: string;
  /** Names of credentials; each set is enough, and the first that is complete is used. */
  credentialSets: readonly [readonly string[], ...(readonly string[])[]];
  /** Absent: no price is known. */
  prices?: ListedPrices;
  /** What its own unit costs, unless the operator sets it; absent where it has none. */
  defaultUnitPriceUsd?: string;
};

/** Where a provider is asked, and as whom: the values of one of its credential sets by their names. */
export type Account = { baseUrl: string; credentials: Readonly<Record<string, string>> };

export type VideoDescriptor<Live extends boolean = true> = CommonDescriptor<Live> & {
  kind: 'video';
  models: readonly VideoModel[];
  requests: VideoRequests;
  /** Reads what the provider sends to its webhook; `undefined` for all that does not say that this task is under way. */
  readWebhook?: (text: string, taskId: string) => StatusUpdate | undefined;
  create(account: Account, dependencies: VideoDependencies): VideoProvider;
};

export type VideoDependencies = {
  http: HttpClient;
  now: Clock;
  /** Reads a picture that was stored with its task. */
  readPicture: (assetId: string) => Promise<Uint8Array>;
  sandbox: SandboxParts;
};

/** What the sandbox keeps its renders in, and how it links to the file of one. */
export type SandboxParts = { renders: SandboxRenders; linkTo: (fileId: string) => string };

export type ImageDescriptor<Live extends boolean = true> = CommonDescriptor<Live> & {
  kind: 'image';
  models: readonly ImageModel[];
  create(account: Account, dependencies: ImageDependencies): ImageProvider;
};

export type ImageDependencies = { http: HttpClient; openLink: OpenLink };

/** How requests for a provider's videos are read. */
type VideoRequests = {
  /** The schemas of its own fields. Pictures and videos may lie on this machine where a fake can reach them. */
  fields(allowPrivateUrls: boolean): { topLevel: FieldTable; metadata: FieldTable };
  /** What the fields in `metadata` mean, a sentence each; one that no model takes any more has none. */
  fieldNotes: Readonly<Record<string, string>>;
  /** Says either everything that is wrong with a request or what to send. */
  prepare(input: VideoRequestInput): { problems: readonly Problem[] } | PreparedVideoRequest;
  /** The request with each placeholder of a picture replaced by the asset that it was stored as. */
  withStoredPictures(request: VideoRequest, assetIds: ReadonlyMap<string, string>): VideoRequest;
  /** The ids of the assets that a request needs. */
  assetsIn(request: VideoRequest): string[];
};

export type VideoRequestInput = {
  /** Whose rules hold, and who makes it. */
  model: VideoModel;
  serving: VideoModel;
  prompt: Json | undefined;
  image?: Json | undefined;
  metadata?: Json | undefined;
  /** Keys of `metadata` that are passed on although nothing is known of them. */
  extraFields: readonly string[];
  allowPrivateUrls: boolean;
};

/** `mode` names the resolution: std, pro or 4k. A shape that an input decides is not known, nor the length of an edit. */
export type VideoClip = { seconds: number; aspectRatio: string; mode: string };

export type PreparedVideoRequest = {
  request: VideoRequest;
  /** Pictures that came as base64: until one is stored, `placeholder` stands for it in the request. */
  pictures: readonly { placeholder: string; bytes: Uint8Array }[];
  /** Keys of `metadata` that were not passed on. */
  ignored: string[];
  /** `metadata.external_task_id`: the caller's own reference, never sent on. */
  callerReference?: string;
  callbackUrl?: string;
  /** What comes of it, as asked for or as the provider makes it by itself. */
  clip: VideoClip;
  /** What its list price depends on. The seconds are absent where an input decides them. */
  priced: { seconds?: number; traits: Traits };
  /** How long this render takes at the median, by the catalogue. */
  typicalSeconds: number;
  /** What decides that: renders of one kind take alike. */
  renderKind: string;
};
