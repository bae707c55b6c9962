import type { BusyReason } from '../provider.ts';
import type { Answer } from './answer.ts';

/** Who is at fault for a request that was not honoured, as far as its answer tells. */
type Fault = 'busy' | 'operator-fault' | 'refused' | 'unclear';

/** https://kling.ai/document-api/api/get-started/error-codes */
const faultByCode: Readonly<Record<number, Fault>> = {
  1000: 'operator-fault',
  1001: 'operator-fault',
  1002: 'operator-fault',
  1003: 'operator-fault',
  1004: 'operator-fault',
  1100: 'operator-fault',
  1101: 'operator-fault',
  1102: 'operator-fault',
  1103: 'operator-fault',
  1200: 'refused',
  1201: 'refused',
  1202: 'operator-fault',
  1203: 'refused',
  1300: 'refused',
  1301: 'refused',
  1302: 'busy',
  1303: 'busy',
  1304: 'operator-fault',
  5000: 'unclear',
  5001: 'busy',
  5002: 'unclear',
};

/** Kling's code decides; the HTTP status is asked only where there is no code that we know. */
export const faultOf = ({ code, httpStatus }: Answer): Fault =>
  (code === undefined ? undefined : faultByCode[code]) ?? faultByHttpStatus(httpStatus);

const faultByHttpStatus = (status: number): Fault => {
  if (status === 429) return 'busy';
  if ([400, 413, 415, 422].includes(status)) return 'refused';
  return status >= 300 && status < 500 && status !== 408 ? 'operator-fault' : 'unclear';
};

/** What a busy Kling lacks: 1302 is its rate limit, 1303 its concurrency limit, 5001 its maintenance. */
export const busyReasonOf = ({ code, httpStatus }: Answer): BusyReason => {
  if (code === 1303) return 'full';
  return code === 1302 || httpStatus === 429 ? 'rate' : 'unavailable';
};

/** The answer to a query for a task that Kling does not have. */
export const saysNotFound = ({ code, message }: Answer): boolean =>
  code === 1201 && /task not found/i.test(message);

/** The answer to a create whose external id was used before. */
export const saysAlreadyExists = ({ code, message }: Answer): boolean =>
  code === 1201 && /external_?task_?id\b.*\balready exists/i.test(message);
