import type { Log } from '../../lib/observability/log.ts';

export const silentLog: Log = { debug() {}, info() {}, warn() {}, error() {} };
