import { type App, Validations } from 'aws-cdk-lib';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { AwsSolutionsChecks, ServerlessChecks } from 'cdk-nag';
import { expect, test } from 'vitest';
import { synthesise } from '../support/synthesised-stack.ts';

/** Synthesises with every rule of both packs; throws if one finds something that nobody acknowledged. */
const check = (app: App) => {
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app), new ServerlessChecks(app));
  app.synth({ force: true });
};

test.each([
  ['as it comes', {}],
  [
    'with everything switched on',
    {
      alarmEmail: 'night@example.com',
      tracing: true,
      apiReservedConcurrency: 10,
      copyResults: true,
      domainName: 'media.example.com',
      certificateArn: 'arn:aws:acm:us-east-1:111122223333:certificate/1',
    },
  ],
])(
  'AWS’s rules for solutions and for serverless find nothing that is not explained, %s',
  (_name, settings) => {
    const { app } = synthesise(settings);
    expect(() => check(app)).not.toThrow();
  },
);

test('the rules do look: a topic that takes plain http is found', () => {
  const { app, stack } = synthesise();
  new Topic(stack, 'Open');
  expect(() => check(app)).toThrow('AwsSolutions-SNS3');
});
