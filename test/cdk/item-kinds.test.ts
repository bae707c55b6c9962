import { tmpdir } from 'node:os';
import { Match } from 'aws-cdk-lib/assertions';
import { build } from 'esbuild';
import { expect, test } from 'vitest';
import { bundleOptions, entryFile } from '../../cdk/bundle-options.ts';
import { itemKinds, kindsOf } from '../../lib/item-kinds.ts';
import { type FunctionName, functionNames } from '../../lib/limits.ts';
import { synthesise } from '../support/synthesised-stack.ts';

/** The kinds of items whose keys the code of a function can make. */
const kindsInCodeOf = async (role: FunctionName): Promise<string[]> => {
  const { outputFiles } = await build({ ...bundleOptions(entryFile(role), tmpdir()), write: false });
  const code = outputFiles.filter(({ path }) => path.endsWith('.mjs')).map(({ text }) => text);
  const found = code.join('\n').matchAll(/(?:pk:|=>|":pk":)[`"]([A-Z]+)#/g);
  return [...new Set([...found].map(([, kind = '']) => kind))].sort();
};

test.each(functionNames)(
  '%s may touch the kinds of items whose keys stand in its code, and no others',
  async (role) => {
    const allowed = new Set([...kindsOf(role, 'reads'), ...kindsOf(role, 'writes')]);
    expect([...allowed].sort(), 'lib/item-kinds.ts differs from the code').toEqual(await kindsInCodeOf(role));
  },
);

test('no function can make a key, and only those that need a workspace’s secrets read them', () => {
  expect(itemKinds.KEY.writes).toEqual([]);
  for (const role of ['poll-video', 'sweep'] as const) {
    expect(kindsOf(role, 'reads')).not.toContain('WORKSPACE');
    expect(kindsOf(role, 'reads')).not.toContain('KEY');
  }
  expect(kindsOf('deliver', 'writes')).not.toContain('WORKSPACE');
});

test('the roles hold exactly this', () => {
  const { template } = synthesise();
  const statements = Object.values(template.findResources('AWS::IAM::Policy')).flatMap(
    (policy) => policy['Properties'].PolicyDocument.Statement,
  );
  const onItems = statements.filter(({ Action }) => [Action].flat().includes('dynamodb:PutItem'));
  expect(onItems).toHaveLength(functionNames.length);
  for (const { Condition, Action } of statements.filter(({ Action }) =>
    JSON.stringify(Action).includes('Item'),
  ))
    expect({ Action, Condition }).toMatchObject({
      Condition: { Null: { 'dynamodb:LeadingKeys': 'false' }, 'ForAllValues:StringLike': expect.anything() },
    });
  template.hasResourceProperties('AWS::IAM::Policy', {
    PolicyName: Match.stringLikeRegexp('^Sweep'),
    PolicyDocument: {
      Statement: Match.arrayWith([
        Match.objectLike({
          Action: ['dynamodb:PutItem', 'dynamodb:UpdateItem', 'dynamodb:DeleteItem'],
          Condition: Match.objectLike({
            'ForAllValues:StringLike': {
              'dynamodb:LeadingKeys': kindsOf('sweep', 'writes').map((kind) => `${kind}#*`),
            },
          }),
        }),
      ]),
    },
  });
});
