import { useState } from 'preact/hooks';
import { DayChart } from './chart.tsx';
import { useGateway } from './context.ts';
import { dollars } from './format.ts';
import { Empty, Heading, Loading } from './parts.tsx';
import { type Column, Table } from './table.tsx';
import { usePolled } from './use-polled.ts';
import type { UsageReport, UsageRow } from './wire.ts';

const dayMs = 86_400_000;
const day = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

/** Every day from one to the other, also those on which nothing was made. */
const daysBetween = (from: string, to: string): string[] => {
  const days: string[] = [];
  for (let ms = Date.parse(from); ms <= Date.parse(to); ms += dayMs) days.push(day(ms));
  return days;
};

export const UsageScreen = () => {
  const { api } = useGateway();
  const [from, setFrom] = useState(() => day(Date.now() - 29 * dayMs));
  const [to, setTo] = useState(() => day(Date.now()));
  const { value, error } = usePolled(`${from} ${to}`, async () => {
    const read = async (groupBy: string) => {
      const query = new URLSearchParams({ from, to, group_by: groupBy });
      return (await api<UsageReport>(`/v1/usage?${query}`)).body;
    };
    const [byDay, byModel] = await Promise.all([read('day'), read('model')]);
    return { value: { byDay, byModel }, againInSeconds: 60 };
  });
  return (
    <>
      <Heading title="Usage">Usage</Heading>
      <div class="bar">
        <label>
          From
          <input
            type="date"
            value={from}
            max={to}
            onChange={({ currentTarget }) => currentTarget.value && setFrom(currentTarget.value)}
          />
        </label>
        <label>
          To
          <input
            type="date"
            value={to}
            min={from}
            onChange={({ currentTarget }) => currentTarget.value && setTo(currentTarget.value)}
          />
        </label>
        <span class="quiet">Days are UTC; the day on which a task was accepted counts.</span>
      </div>
      <Loading value={value} error={error} />
      {value !== undefined && value.byDay.data.length === 0 && (
        <Empty>
          <p>Nothing was made in these days.</p>
          <a href="#/playground">Make something in the playground</a>
        </Empty>
      )}
      {value !== undefined && value.byDay.data.length > 0 && (
        <>
          <p class="total">
            <span class="number">{dollars(value.byDay.total_usd)}</span>
            <span class="quiet">
              {' '}
              from {value.byDay.from} to {value.byDay.to}
            </span>
          </p>
          <section class="card" aria-labelledby="by-day">
            <h2 id="by-day">By day</h2>
            <Days report={value.byDay} />
          </section>
          <section class="card" aria-labelledby="by-model">
            <h2 id="by-model">By model</h2>
            <UsageTable rows={value.byModel.data} name="Model" />
          </section>
        </>
      )}
    </>
  );
};

const Days = ({ report }: { report: UsageReport }) => {
  const rows = new Map(report.data.map((row) => [row.key, row]));
  const hasCost = report.data.some(({ cost_usd: cost }) => Number(cost) > 0);
  const bars = daysBetween(report.from, report.to).map((label) => {
    const { cost_usd: cost = '0', tasks = 0 } = rows.get(label) ?? {};
    return {
      label,
      value: hasCost ? Number(cost) : tasks,
      text: hasCost ? dollars(cost) : `${tasks}`,
    };
  });
  return (
    <>
      <DayChart bars={bars} title={hasCost ? 'Cost by day, in US dollars' : 'Tasks by day'} />
      <details>
        <summary>As a table</summary>
        <UsageTable rows={report.data} name="Day" />
      </details>
    </>
  );
};

const UsageTable = ({ rows, name }: { rows: readonly UsageRow[]; name: string }) => {
  const max = Math.max(...rows.map(({ cost_usd: cost }) => Number(cost)), 0);
  const columns: readonly Column<UsageRow>[] = [
    { name, show: ({ key }) => key },
    { name: 'Tasks', isNumber: true, show: ({ tasks }) => tasks },
    { name: 'Seconds', isNumber: true, show: ({ seconds }) => seconds },
    { name: 'Images', isNumber: true, show: ({ images }) => images },
    {
      name: 'Cost',
      isNumber: true,
      show: ({ cost_usd: cost, unpriced_tasks: unpriced }) => (
        <>
          {dollars(cost)}
          {unpriced > 0 && <span class="quiet"> and {unpriced} of unknown cost</span>}
          {max > 0 && <meter min={0} max={max} value={Number(cost)} aria-label="Share" />}
        </>
      ),
    },
  ];
  return <Table label={`By ${name.toLowerCase()}`} rows={rows} columns={columns} keyOf={({ key }) => key} />;
};
