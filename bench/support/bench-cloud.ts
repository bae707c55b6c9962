import { fork } from 'node:child_process';
import { once } from 'node:events';
import { type CloudConnection, connectToCloud } from '../../local/cloud/connect.ts';
import type { CloudPorts } from '../../local/cloud/layout.ts';
import { makeSecrets } from '../../local/data/secrets.ts';
import { seedLocalWorkspace } from '../../local/local-workspace.ts';
import { benchFile } from './bundles.ts';

export type BenchCloud = CloudConnection & {
  /** A key of the seeded workspace. */
  apiKey: string;
  /** What a function reads, besides providers. */
  variables: Record<string, string>;
  stop(): void;
};

/** An empty cloud in a process of its own, with one workspace that has a key. */
export const startBenchCloud = async (): Promise<BenchCloud> => {
  const child = fork(benchFile('support/cloud-process.ts'));
  const [ports] = (await once(child, 'message')) as [CloudPorts];
  const connection = await connectToCloud(ports);
  const secrets = makeSecrets();
  await seedLocalWorkspace(connection.table, { ...secrets, isSecretChosen: true, now: Date.now });
  return {
    ...connection,
    apiKey: secrets.apiKey,
    variables: {
      ...connection.environment,
      LINK_SIGNING_KEY: secrets.linkSigningKey,
      CALLBACK_ALLOW_PRIVATE: 'true',
      PUBLIC_URL: 'https://bench.example',
      RATE_LIMIT_PER_MINUTE: '100000000',
    },
    stop() {
      connection.disconnect();
      child.disconnect();
    },
  };
};
