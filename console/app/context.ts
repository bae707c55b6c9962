import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Api } from './api.ts';
import type { Features } from './openapi.ts';

/** What every screen needs: the API with the key that was pasted, and what this gateway offers. */
type Gateway = { api: Api; features: Features };

export const GatewayContext = createContext<Gateway | undefined>(undefined);

export const useGateway = (): Gateway => {
  const gateway = useContext(GatewayContext);
  if (gateway === undefined) throw new Error('A screen stands outside the gateway.');
  return gateway;
};
