declare module 'dynalite' {
  import type { Server } from 'node:http';

  type DynaliteOptions = {
    /** The LevelDB folder; absent: in memory. */
    path?: string;
    createTableMs?: number;
    updateTableMs?: number;
    deleteTableMs?: number;
  };
  export default function dynalite(options: DynaliteOptions): Server;
}
