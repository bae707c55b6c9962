/** What the API answers, as far as this page shows it (`/openapi.json` says it all). */

export type Task = {
  task_id: string;
  model: string;
  action: string;
  status: string;
  progress: string;
  result_url?: string;
  images?: { url: string; revised_prompt?: string }[];
  fail_reason?: string;
  /** Of images that were made: what was not done as asked. */
  warnings?: string[];
  submit_time: number;
  start_time: number;
  finish_time: number;
  queue_position?: number;
  estimated_start?: number;
  callback?: CallbackState;
  usage?: Usage | null;
};

type CallbackState = {
  state: 'none' | 'pending' | 'retrying' | 'delivered' | 'failed';
  attempts: number;
  next_attempt_at: number | null;
};

type Usage = { cost_usd: string | null; source?: string };

export type Page<Item> = { data: Item[]; has_more: boolean; last_id: string | null };

export type Durations = {
  dns: number | null;
  connect: number | null;
  tls: number | null;
  first_byte: number | null;
  total: number;
};

export type Attempt = {
  id: string;
  event_id: string;
  type: string;
  attempt: number | null;
  trigger: 'auto' | 'manual';
  started_at: number;
  status_code: number | null;
  outcome: 'delivered' | 'failed';
  cause: string | null;
  durations_ms: Durations;
  next_attempt_at: number | null;
};

export type Model = {
  id: string;
  supported_endpoint_types: string[];
  shutdown_date: string | null;
  successor: string | null;
  /** Fields that differ by model, and the values that they take. */
  parameters?: Record<string, { enum?: (string | number)[] }>;
};

export type Estimate = { cost_usd: string | null };

export type UsageRow = {
  key: string;
  tasks: number;
  seconds: number;
  images: number;
  cost_usd: string;
  /** Of how many tasks nobody knows what they cost; `cost_usd` leaves them out. */
  unpriced_tasks: number;
};
export type UsageReport = { from: string; to: string; data: UsageRow[]; total_usd: string };

export const taskPath = (taskId: string): string => `/v1/video/generations/${encodeURIComponent(taskId)}`;

export const hasEnded = ({ status }: Pick<Task, 'status'>): boolean =>
  status === 'SUCCESS' || status === 'FAILURE';
