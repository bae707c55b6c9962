import type { HttpClient } from '../http/client.ts';
import type { OpenLink } from '../image-provider.ts';

/** Where a provider of images is asked, as whom and by what means. */
export type ImageAccount = {
  baseUrl: string;
  apiKey: string;
  http: HttpClient;
  openLink: OpenLink;
};
