import type { DatabaseSync } from 'node:sqlite';
// Not among the package's exports; the version is pinned.
import { PersistenceManager } from '../../node_modules/fauxqs/dist/persistence.js';

const makeReady = 'UPDATE sqs_messages SET receipt_handle = NULL, visibility_deadline = NULL';

/** fauxqs's SQLite file of queues, without its mistakes. */
export class QueuePersistence extends PersistenceManager {
  readonly #database: DatabaseSync;

  constructor(folder: string) {
    super(folder);
    // Declared private there.
    this.#database = (this as unknown as { db: DatabaseSync }).db;
    // The end of a process loses nothing so, and a power cut only wake-ups, which the sweep makes good.
    this.#database.exec('PRAGMA synchronous = NORMAL');
    // Whoever had received these messages ended with the process that kept the queues.
    this.#database.exec(makeReady);
  }

  /** The original sets the receive count to NULL, which the table forbids, and so loses the message. */
  override updateMessageReady(messageId: string): void {
    this.#database.prepare(`${makeReady} WHERE message_id = ?`).run(messageId);
  }
}
