import { join } from 'node:path';
import { AssetHashType, DockerImage, Duration, RemovalPolicy, Validations } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import {
  ApplicationLogLevel,
  Architecture,
  CfnFunction,
  Code,
  type FunctionProps,
  Function as LambdaFunction,
  LoggingFormat,
  RecursiveLoop,
  Runtime,
  SystemLogLevel,
  Tracing,
} from 'aws-cdk-lib/aws-lambda';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { buildSync } from 'esbuild';
import { buildConsole } from '../../console/build.ts';
import type { FunctionEnvironment } from '../../lib/config.ts';
import type { FunctionName } from '../../lib/limits.ts';
import { bundleOptions, entryFile, projectFile } from '../bundle-options.ts';

export type GatewayFunctionProps = Partial<Omit<FunctionProps, 'environment' | 'timeout'>> & {
  /** The file in `functions/`, without its ending. */
  entry: FunctionName;
  timeoutSeconds: number;
  environment: FunctionEnvironment;
  logRetentionDays: number;
  traced: boolean;
};

/** Where the console's files are in the code of the API, which starts in the folder that it was unpacked to. */
export const consoleFolder = 'console';

/** One of the functions: Node 24 on ARM, minified ES modules with their own copy of the AWS SDK. */
export class GatewayFunction extends LambdaFunction {
  readonly entry: FunctionName;
  readonly timeoutSeconds: number;

  constructor(
    scope: Construct,
    id: string,
    { entry, timeoutSeconds, environment, logRetentionDays, traced, ...props }: GatewayFunctionProps,
  ) {
    const logGroup = new LogGroup(scope, `${id}Logs`, {
      retention: logRetentionDays as RetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const role = new Role(scope, `${id}Role`, { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    // AWS's ready-made policy would allow to write any log of the account.
    logGroup.grantWrite(role);
    super(scope, id, {
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      tracing: traced ? Tracing.ACTIVE : Tracing.DISABLED,
      logGroup,
      role,
      // Without Lambda's own lines about each invocation, which would be as long as ours; its metrics say the same.
      loggingFormat: LoggingFormat.JSON,
      systemLogLevelV2: SystemLogLevel.WARN,
      applicationLogLevelV2: ApplicationLogLevel.DEBUG,
      ...props,
      code: bundledCode(entry),
      handler: 'index.handler',
      timeout: Duration.seconds(timeoutSeconds),
      environment: withoutUndefined(environment),
    });
    this.entry = entry;
    this.timeoutSeconds = timeoutSeconds;
    if (traced)
      Validations.of(role).acknowledge({
        id: 'AwsSolutions-IAM5[Resource::*]',
        reason: 'X-Ray has no resources to name in its two actions that send traces.',
      });
    Validations.of(this).acknowledge(
      {
        id: 'Serverless-LambdaDLQ',
        reason:
          'Nobody invokes it asynchronously but the schedule, whose next run does the same work; queues have dead letters.',
      },
      {
        id: 'Serverless-LambdaTracing',
        reason: 'Traces cost money each; the setting "tracing" turns them on.',
      },
    );
  }

  /**
   * A step of a task wakes the next one through a queue, for hours if it must, and the SDK hands the trace on. Lambda
   * takes that for a runaway loop and stops it after some 16 rounds, unless told that it is meant. What ends it is the
   * task's own deadline. https://docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html
   */
  allowRecursiveLoop(): void {
    const { defaultChild } = this.node;
    if (defaultChild instanceof CfnFunction) defaultChild.recursiveLoop = RecursiveLoop.ALLOW;
  }
}

/** Bundled by esbuild on this machine when the stack is synthesised; the image is never used. */
const bundledCode = (entry: FunctionName): Code =>
  Code.fromAsset(projectFile('functions'), {
    assetHashType: AssetHashType.OUTPUT,
    bundling: {
      image: DockerImage.fromRegistry('unused'),
      // All functions have the same source folder; this tells their code apart.
      command: [entry],
      local: {
        tryBundle(outputFolder) {
          buildSync(bundleOptions(entryFile(entry), outputFolder));
          // Beside its code, and read only when somebody opens the page.
          if (entry === 'api') buildConsole(join(outputFolder, consoleFolder));
          return true;
        },
      },
    },
  });

const withoutUndefined = (environment: FunctionEnvironment): Record<string, string> =>
  Object.fromEntries(
    Object.entries(environment).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
