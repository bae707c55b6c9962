import { put, send } from './aws-clients.ts';

/** What is left of the calls when the key is known already. */
export const handler = async (): Promise<void> => {
  await put();
  await send();
};
