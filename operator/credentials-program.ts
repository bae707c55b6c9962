import type { Program, Subcommand } from './command-line.ts';
import { type CredentialStore, type SecretKind, secretOf } from './credential-store.ts';
import type { Deployment } from './deployment.ts';
import { textTable } from './text-table.ts';
import { UsageError } from './usage-error.ts';

type Ask = (question: string) => Promise<string>;

const names = [...secretOf.keys()];

const storeOf = ({ credentials }: Deployment): CredentialStore => {
  if (credentials === undefined)
    throw new UsageError(
      'Give --stage. A gateway on this machine takes credentials from the environment or .env.',
    );
  return credentials;
};

const secretFor = (name: string): SecretKind => {
  const kind = secretOf.get(name);
  if (kind === undefined)
    throw new UsageError(`There is no credential ${name}. There are ${names.join(', ')}.`);
  return kind;
};

/** Credentials travel in headers, where nothing but visible ASCII may stand. */
const checkValue = (value: string): void => {
  if (value === '') throw new UsageError('Nothing was entered, so nothing was changed.');
  if (!/^[!-~]+$/.test(value))
    throw new UsageError('A credential holds visible ASCII characters only: copy it once more, in one line.');
};

const workersNotice = 'Running functions use it within five minutes.';

const list: Subcommand = {
  usage: 'list',
  summary: 'which credentials are entered; never their values',
  async run(deployment) {
    const store = storeOf(deployment);
    const entered = { ...(await store.read('video')), ...(await store.read('image')) };
    const states = names.map((name) => [name, entered[name] ? 'entered' : 'not entered'] as const);
    return { text: textTable(states.map((state) => [...state])), data: Object.fromEntries(states) };
  },
};

const setCredential = (ask: Ask): Subcommand => ({
  usage: 'set <name>',
  summary: 'enter one credential: typed unseen, or through a pipe',
  operand: `the name of one credential (${names.join(', ')})`,
  async run(deployment, { operand: name }) {
    const [store, kind] = [storeOf(deployment), secretFor(name)];
    const value = await ask(`${name}: `);
    checkValue(value);
    await store.write(kind, { ...(await store.read(kind)), [name]: value });
    return { text: `${name} is entered. ${workersNotice}`, data: { name, entered: true } };
  },
});

const removeCredential: Subcommand = {
  usage: 'remove <name>',
  summary: 'take one credential away',
  operand: `the name of one credential (${names.join(', ')})`,
  async run(deployment, { operand: name }) {
    const [store, kind] = [storeOf(deployment), secretFor(name)];
    const { [name]: _removed, ...others } = await store.read(kind);
    await store.write(kind, others);
    return { text: `${name} is taken away. ${workersNotice}`, data: { name, entered: false } };
  },
};

export const credentialsProgram = (ask: Ask): Program => ({
  name: 'credentials',
  purpose: 'Enters the credentials of the providers into the secrets of a deployed gateway.',
  deployedOnly: true,
  subcommands: { list, set: setCredential(ask), remove: removeCredential },
});
