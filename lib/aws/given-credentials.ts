/**
 * Stands in a function's bundle for the SDK's `@aws-sdk/credential-provider-node`, which looks for credentials in files,
 * in processes and over the network. A function is given its own (`access.ts`).
 */
export const defaultProvider = () => async (): Promise<never> => {
  throw new Error('A client of the SDK was made without credentials.');
};
