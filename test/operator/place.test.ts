import { expect, test } from 'vitest';
import { readSettings } from '../../cdk/settings.ts';
import { placeOf } from '../../operator/place.ts';

const place = (given: Record<string, string>) =>
  placeOf(
    (name) => given[name],
    (stage) => readSettings(stage, { region: 'eu-north-1' }, 'test'),
  );

test.each([
  [{}, {}],
  [{ stage: 'production' }, { stack: 'ClearMaasGateway', region: 'eu-north-1' }],
  [{ stage: 'trial' }, { stack: 'ClearMaasGateway-trial', region: 'eu-north-1' }],
  [
    { stage: 'trial', region: 'us-east-1' },
    { stack: 'ClearMaasGateway-trial', region: 'us-east-1' },
  ],
  [
    { stack: 'Other', region: 'us-east-1' },
    { stack: 'Other', region: 'us-east-1' },
  ],
] as [Record<string, string>, object][])('%j leads to %j', (given, expected) => {
  expect(place(given)).toEqual(expected);
});

test('a region alone is refused: it would be the gateway on this machine', () => {
  expect(() => place({ region: 'us-east-1' })).toThrow('Give --region with --stage or --stack');
});

test('a stage and a stack at once are refused', () => {
  expect(() => place({ stage: 'trial', stack: 'Other' })).toThrow('not both');
});
