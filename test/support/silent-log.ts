import { createLog } from '../../lib/observability/log.ts';

export const silentLog = createLog(() => {});
