import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import {
  functionMemoryMb,
  functionTimeoutSeconds,
  pollAndCopyMemoryMb,
  pollAndCopyTimeoutSeconds,
} from '../lib/limits.ts';
import { Alarms } from './constructs/alarms.ts';
import { AssetsBucket } from './constructs/assets-bucket.ts';
import { grantRead, linkSigningKey, originSecret, providerCredentials } from './constructs/credentials.ts';
import { Dashboard } from './constructs/dashboard.ts';
import { EveryMinute } from './constructs/every-minute.ts';
import { consoleFolder, GatewayFunction, type GatewayFunctionProps } from './constructs/gateway-function.ts';
import { gatewayMetrics } from './constructs/gateway-metrics.ts';
import { HealthAlarms } from './constructs/health-alarms.ts';
import { PublicEndpoint } from './constructs/public-endpoint.ts';
import { TaskTable } from './constructs/task-table.ts';
import { WakeUpQueue } from './constructs/wake-up-queue.ts';
import { functionEnvironment } from './function-environment.ts';
import type { Settings } from './settings.ts';

type GatewayStackProps = StackProps & { settings: Settings };

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
    const queue = (name: string, timeoutSeconds: number) =>
      new WakeUpQueue(this, name, { functionTimeoutSeconds: timeoutSeconds, alarms });
    const submissions = queue('Submissions', functionTimeoutSeconds['submit-video']);
    const images = queue('Images', functionTimeoutSeconds['make-image']);
    const pollTimeoutSeconds = settings.copyResults
      ? pollAndCopyTimeoutSeconds
      : functionTimeoutSeconds['poll-video'];
    const polls = queue('Polls', pollTimeoutSeconds);
    const callbacks = queue('Callbacks', functionTimeoutSeconds.deliver);

    const environment = functionEnvironment(
      {
        tableName: tasks.tableName,
        submissionsQueueUrl: submissions.url,
        imagesQueueUrl: images.url,
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
        timeoutSeconds: functionTimeoutSeconds[entry],
        memorySize: entry === 'sweep' ? settings.sweepMemoryMb : functionMemoryMb[entry],
        environment,
        logRetentionDays: settings.logRetentionDays,
        traced: settings.tracing,
        ...changes,
      });

    const api = gatewayFunction('Api', 'api', {
      environment: {
        ...environment,
        ...(settings.console && { CONSOLE_FOLDER: consoleFolder }),
        ...(settings.domainName !== undefined && { PUBLIC_URL: `https://${settings.domainName}` }),
      },
      ...(settings.apiReservedConcurrency !== undefined && {
        reservedConcurrentExecutions: settings.apiReservedConcurrency,
      }),
    });
    const originKey = settings.domainName === undefined ? undefined : originSecret(this);
    const endpoint = new PublicEndpoint(this, 'Endpoint', { api, originSecret: originKey, settings });
    const worker = { environment: { ...environment, PUBLIC_URL: endpoint.url } };
    const submit = gatewayFunction('SubmitVideo', 'submit-video', worker);
    const makeImage = gatewayFunction('MakeImage', 'make-image', worker);
    const poll = gatewayFunction('PollVideo', 'poll-video', {
      ...worker,
      timeoutSeconds: pollTimeoutSeconds,
      ...(settings.copyResults && { memorySize: pollAndCopyMemoryMb }),
    });
    const deliver = gatewayFunction('Deliver', 'deliver', worker);
    const sweep = gatewayFunction('Sweep', 'sweep', worker);

    submissions.wakes(submit, { from: 'submissions', maxConcurrency: settings.submitConcurrency });
    images.wakes(makeImage, { from: 'images', maxConcurrency: settings.imageConcurrency });
    polls.wakes(poll, {
      from: 'polls',
      maxConcurrency: settings.pollConcurrency,
      windowSeconds: settings.pollWindowSeconds,
    });
    callbacks.wakes(deliver, { from: 'callbacks', maxConcurrency: settings.deliverConcurrency });
    new EveryMinute(this, 'EveryMinute', { target: sweep });

    const functions = [api, submit, makeImage, poll, deliver, sweep];
    for (const each of functions) tasks.grantItems(each, each.entry);
    for (const each of [api, submit, poll, sweep]) submissions.grantWake(each);
    for (const each of [api, makeImage, sweep]) images.grantWake(each);
    for (const each of [api, submit, poll, sweep]) polls.grantWake(each);
    for (const each of functions) callbacks.grantWake(each);
    grantRead(api, [linkKey, videoCredentials, imageCredentials, ...(originKey ? [originKey] : [])]);
    grantRead(submit, [linkKey, videoCredentials]);
    grantRead(makeImage, [linkKey, imageCredentials]);
    grantRead(poll, settings.copyResults ? [linkKey, videoCredentials] : [videoCredentials]);
    // A recovery of lost callbacks goes through a workspace's tasks.
    for (const each of [api, deliver]) tasks.grantListByWorkspace(each);
    tasks.grantListEvents(api);
    tasks.grantListDue(sweep);
    assets.grantStore(api);
    assets.grantDelete(api);
    // The answers of images that may be asked for again are kept as long as tasks.
    assets.grantStoreResults(api);
    assets.grantUseInputs(submit);
    assets.grantStoreResults(makeImage);
    if (settings.copyResults) assets.grantStoreResults(poll);

    const metrics = gatewayMetrics(settings.stackName);
    const { copyResults } = settings;
    new HealthAlarms(this, 'Health', { alarms, metrics, api, sweep, functions, copyResults });
    new Dashboard(this, 'Dashboard', {
      metrics,
      functions,
      queues: [submissions, images, polls, callbacks],
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
      Images: images,
      Polls: polls,
      Callbacks: callbacks,
    })) {
      output(`${name}QueueUrl`, each.url, 'For the operator commands');
      output(`${name}DeadLettersUrl`, each.deadLettersUrl, 'For the operator commands');
    }
  }
}
