import type { Program } from './command-line.ts';
import { createKey, disableKey, listKeys } from './key-commands.ts';
import { setWorkspace, showWorkspace } from './workspace-commands.ts';

export const keysProgram: Program = {
  name: 'keys',
  purpose: 'Makes and ends the API keys of a gateway, and sets up the workspaces that they belong to.',
  subcommands: {
    create: createKey,
    list: listKeys,
    disable: disableKey,
    'workspace set': setWorkspace,
    'workspace show': showWorkspace,
  },
};
