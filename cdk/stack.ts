import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { Alarms } from './constructs/alarms.ts';
import { AssetsBucket } from './constructs/assets-bucket.ts';
import { grantRead, linkSigningKey, originSecret, providerCredentials } from './constructs/credentials.ts';
import { Dashboard } from './constructs/dashboard.ts';
import { EveryMinute } from './constructs/every-minute.ts';
import { GatewayFunction, type GatewayFunctionProps } from './constructs/gateway-function.ts';
import { gatewayMetrics } from './constructs/gateway-metrics.ts';
import { HealthAlarms } from './constructs/health-alarms.ts';
import { PublicEndpoint } from './constructs/public-endpoint.ts';
import { TaskTable } from './constructs/task-table.ts';
import { WakeUpQueue } from './constructs/wake-up-queue.ts';
import { functionEnvironment } from './function-environment.ts';
import type { Settings } from './settings.ts';

type GatewayStackProps = StackProps & { settings: Settings };

const timeoutSeconds = {
  /** An image provider is given five minutes. */
  api: 330,
  /** An image task is made in one call, for which its provider is given five minutes. */
  'submit-video': 330,
  /** Five queries of 10 s at once. */
  'poll-video': 30,
  /** As many, and the two minutes that copying a video may take. Short of the sweep's patience with a poll (180 s). */
  pollAndCopy: 150,
  /** A receiver is given 15 s. */
  deliver: 30,
  /** Less than the minute after which the next sweep begins. */
  sweep: 55,
};

/** The whole gateway: everything that `cdk deploy` makes, and how it is wired. */
export class GatewayStack extends Stack {
  constructor(scope: Construct, id: string, { settings, ...props }: GatewayStackProps) {
    super(scope, id, { description: 'ClearMaas Gateway: images and videos behind one endpoint', ...props });

    const alarms = new Alarms(this, 'Alarms', { email: settings.alarmEmail });
    const tasks = new TaskTable(this, 'Tasks', settings);
    const assets = new AssetsBucket(this, 'Assets', settings);
    const linkKey = linkSigningKey(this, settings.keepData);
    const videoCredentials = providerCredentials(this, 'Video', settings.keepData);
    const imageCredentials = providerCredentials(this, 'Image', settings.keepData);
    const queue = (name: string, functionTimeoutSeconds: number) =>
      new WakeUpQueue(this, name, { functionTimeoutSeconds, alarms });
    const submissions = queue('Submissions', timeoutSeconds['submit-video']);
    const pollTimeoutSeconds = settings.copyResults
      ? timeoutSeconds.pollAndCopy
      : timeoutSeconds['poll-video'];
    const polls = queue('Polls', pollTimeoutSeconds);
    const callbacks = queue('Callbacks', timeoutSeconds.deliver);

    const environment = functionEnvironment(
      {
        tableName: tasks.tableName,
        submissionsQueueUrl: submissions.url,
        pollsQueueUrl: polls.url,
        callbacksQueueUrl: callbacks.url,
        bucketName: assets.bucketName,
      },
      settings,
    );
    const gatewayFunction = (
      name: string,
      entry: GatewayFunctionProps['entry'],
      changes: Partial<GatewayFunctionProps> = {},
    ) =>
      new GatewayFunction(this, name, {
        entry,
        timeoutSeconds: timeoutSeconds[entry],
        environment,
        logRetentionDays: settings.logRetentionDays,
        traced: settings.tracing,
        ...changes,
      });

    const api = gatewayFunction('Api', 'api', {
      // Memory buys CPU, and this is the function that somebody waits for.
      memorySize: 512,
      ...(settings.domainName !== undefined && {
        environment: { ...environment, PUBLIC_URL: `https://${settings.domainName}` },
      }),
      ...(settings.apiReservedConcurrency !== undefined && {
        reservedConcurrentExecutions: settings.apiReservedConcurrency,
      }),
    });
    const originKey = settings.domainName === undefined ? undefined : originSecret(this);
    const endpoint = new PublicEndpoint(this, 'Endpoint', { api, originSecret: originKey, settings });
    const worker = { environment: { ...environment, PUBLIC_URL: endpoint.url } };
    const submit = gatewayFunction('SubmitVideo', 'submit-video', { ...worker, memorySize: 512 });
    const poll = gatewayFunction('PollVideo', 'poll-video', {
      ...worker,
      timeoutSeconds: pollTimeoutSeconds,
      // Room for parts of five videos; and memory buys bandwidth.
      ...(settings.copyResults && { memorySize: 512 }),
    });
    const deliver = gatewayFunction('Deliver', 'deliver', worker);
    const sweep = gatewayFunction('Sweep', 'sweep', { ...worker, memorySize: settings.sweepMemoryMb });

    submissions.wakes(submit, { batchSize: 1, maxConcurrency: settings.submitConcurrency });
    // A poll is late by some ten seconds anyway, and an invocation costs more than all else about it.
    polls.wakes(poll, { batchSize: 5, windowSeconds: 2, maxConcurrency: settings.pollConcurrency });
    callbacks.wakes(deliver, { batchSize: 1, maxConcurrency: settings.deliverConcurrency });
    new EveryMinute(this, 'EveryMinute', { target: sweep });

    const functions = [api, submit, poll, deliver, sweep];
    for (const each of functions) tasks.grantItems(each, each.entry);
    for (const each of [api, submit, poll, sweep]) submissions.grantWake(each);
    for (const each of [api, submit, poll, sweep]) polls.grantWake(each);
    for (const each of functions) callbacks.grantWake(each);
    grantRead(api, [linkKey, videoCredentials, imageCredentials, ...(originKey ? [originKey] : [])]);
    grantRead(submit, [linkKey, videoCredentials, imageCredentials]);
    grantRead(poll, settings.copyResults ? [linkKey, videoCredentials] : [videoCredentials]);
    // A recovery of lost callbacks goes through a workspace's tasks.
    for (const each of [api, deliver]) tasks.grantListByWorkspace(each);
    tasks.grantListDue(sweep);
    assets.grantStore(api);
    // The answers of images that may be asked for again are kept as long as tasks.
    assets.grantStoreResults(api);
    assets.grantUseInputs(submit);
    assets.grantStoreResults(submit);
    if (settings.copyResults) assets.grantStoreResults(poll);

    const metrics = gatewayMetrics(settings.stackName);
    const { copyResults } = settings;
    new HealthAlarms(this, 'Health', { alarms, metrics, api, sweep, functions, copyResults });
    new Dashboard(this, 'Dashboard', {
      metrics,
      functions,
      queues: [submissions, polls, callbacks],
      copyResults,
    });

    const output = (name: string, value: string, description: string) =>
      new CfnOutput(this, name, { value, description });
    output('EndpointUrl', endpoint.url, 'Where clients send requests');
    if (endpoint.dnsTarget !== undefined) output('DnsTarget', endpoint.dnsTarget, 'CNAME of the domain');
    output('VideoCredentialsSecret', videoCredentials.arn, 'For npm run credentials');
    output('ImageCredentialsSecret', imageCredentials.arn, 'For npm run credentials');
    output('TableName', tasks.tableName, 'For the operator commands');
    for (const [name, each] of Object.entries({
      Submissions: submissions,
      Polls: polls,
      Callbacks: callbacks,
    })) {
      output(`${name}QueueUrl`, each.url, 'For the operator commands');
      output(`${name}DeadLettersUrl`, each.deadLettersUrl, 'For the operator commands');
    }
  }
}
