import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
// Not among the package's exports; the version is pinned.
import { PersistenceManager } from '../../node_modules/fauxqs/dist/persistence.js';

const makeReady = 'UPDATE sqs_messages SET receipt_handle = NULL, visibility_deadline = NULL';

/** fauxqs's SQLite file of queues, without its mistakes. */
export class QueuePersistence extends PersistenceManager {
  readonly #database: DatabaseSync;

  constructor(folder: string) {
    super(folder);
    this.#database = new DatabaseSync(join(folder, 'fauxqs.db'));
    // Whoever had received these messages ended with the process that kept the queues.
    this.#database.exec(makeReady);
  }

  /** The original sets the receive count to NULL, which the table forbids, and so loses the message. */
  override updateMessageReady(messageId: string): void {
    this.#database.prepare(`${makeReady} WHERE message_id = ?`).run(messageId);
  }

  override close(): void {
    this.#database.close();
    super.close();
  }
}
