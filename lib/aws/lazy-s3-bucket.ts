import type { AwsAccess } from './access.ts';
import type { Bucket } from './bucket.ts';

/** Loads S3's client with the first call: it would be a good part of the start of a function that seldom needs it. */
export const createLazyS3Bucket = (name: string, access: AwsAccess): Bucket => {
  let loading: Promise<Bucket> | undefined;
  const load = () => {
    loading ??= import('./s3-bucket.ts').then(({ createS3Bucket }) => createS3Bucket(name, access));
    return loading;
  };
  return {
    put: async (...input) => (await load()).put(...input),
    putStream: async (...input) => (await load()).putStream(...input),
    get: async (...input) => (await load()).get(...input),
    open: async (...input) => (await load()).open(...input),
    listKeys: async (...input) => (await load()).listKeys(...input),
    delete: async (...input) => (await load()).delete(...input),
    link: async (...input) => (await load()).link(...input),
  };
};
