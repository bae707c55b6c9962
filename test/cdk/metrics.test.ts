import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { synthesise } from '../support/synthesised-stack.ts';

test('alarms and dashboard watch metrics that the functions make', () => {
  const { template } = synthesise();
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
  const made = readFileSync(new URL('../../lib/metrics.ts', import.meta.url), 'utf8');
  expect(names.size).toBeGreaterThan(12);
  expect([...names].filter((name) => !made.includes(`'${name}'`))).toEqual([]);
});
