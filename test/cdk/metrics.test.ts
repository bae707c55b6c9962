import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { counts, durations } from '../../lib/observability/metrics.ts';
import { synthesise } from '../support/synthesised-stack.ts';

test('alarms and dashboard watch the metrics that the functions make, and all of them', () => {
  const { template } = synthesise({ copyResults: true });
  const shown = JSON.stringify([
    template.findResources('AWS::CloudWatch::Alarm'),
    template.findResources('AWS::CloudWatch::Dashboard'),
  ]);
  const names = new Set(
    [
      ...shown.matchAll(
        /"MetricName":"(\w+)","Namespace":"ClearMaasGateway"|\\"ClearMaasGateway\\",\\"(\w+)\\"/g,
      ),
    ].map(([, inAlarm, onDashboard]) => inAlarm ?? onDashboard),
  );
  const searched = [...shown.matchAll(/\{\\+"ClearMaasGateway\\+",(\w+)\} MetricName=[\\"]+(\w+)/g)];
  expect(searched.map(([, dimension, name]) => ({ dimension, name }))).toEqual([
    { dimension: 'Code', name: 'ProviderErrors' },
  ]);
  const watched = new Set([...names, ...searched.map(([, , name]) => name)]);
  expect([...watched].sort()).toEqual([...Object.keys(counts), ...Object.keys(durations)].sort());
});

test('a stage with a hyphen in its name has its metrics found', () => {
  const dashboard = JSON.stringify(
    synthesise({}, 'try-out').template.findResources('AWS::CloudWatch::Dashboard'),
  );
  expect(dashboard.replaceAll('\\', '')).toContain(
    'SEARCH(\'{"ClearMaasGateway-try-out",Code} MetricName="ProviderErrors"\'',
  );
});

test('the runbook says what each graph of the dashboard shows', () => {
  const runbook = readFileSync(new URL('../../docs/runbook.md', import.meta.url), 'utf8');
  const dashboards = JSON.stringify(
    synthesise({ copyResults: true }).template.findResources('AWS::CloudWatch::Dashboard'),
  );
  const titles = [...dashboards.matchAll(/\\"title\\":\\"([^\\]+)\\"/g)].map(([, title]) => title ?? '');
  expect(titles.length).toBeGreaterThanOrEqual(12);
  expect(titles.filter((title) => !runbook.includes(`| ${title} |`))).toEqual([]);
});
