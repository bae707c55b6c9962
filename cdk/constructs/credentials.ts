import { RemovalPolicy, SecretValue, Validations } from 'aws-cdk-lib';
import { Grant } from 'aws-cdk-lib/aws-iam';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { CfnSecret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import type { FunctionEnvironment, OwnCredentialName } from '../../lib/config.ts';

type CredentialsProps = {
  /** What the secret is for, as the console shows it. */
  description: string;
  keepData: boolean;
  generated?: CfnSecret.GenerateSecretStringProperty;
};

/** One secret, and who may read it. */
export class Credentials extends Construct {
  private readonly secret: CfnSecret;

  constructor(scope: Construct, id: string, { description, keepData, generated }: CredentialsProps) {
    super(scope, id);
    this.secret = new CfnSecret(this, 'Secret', {
      description,
      ...(generated && { generateSecretString: generated }),
    });
    this.secret.applyRemovalPolicy(
      keepData ? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE : RemovalPolicy.DESTROY,
    );
    Validations.of(this.secret).acknowledge({
      id: 'AwsSolutions-SMG4',
      reason: 'Providers issue their credentials and rotate none by a program; links outlive any rotation.',
    });
  }

  get arn(): string {
    return this.secret.ref;
  }

  /** One of its values, which CloudFormation looks up itself: it stands in no template. */
  reference(name: OwnCredentialName): string {
    return SecretValue.secretsManager(this.arn, { jsonField: name }).unsafeUnwrap();
  }
}

/**
 * Never change a letter of this: CloudFormation makes up another value whenever it changes, and once more on the
 * roll-back (https://github.com/aws-cloudformation/cloudformation-coverage-roadmap/issues/2210).
 */
const generated = (name: OwnCredentialName): CfnSecret.GenerateSecretStringProperty => ({
  secretStringTemplate: '{}',
  generateStringKey: name,
  passwordLength: 64,
  excludePunctuation: true,
});

/** The key that signs links. */
export const linkSigningKey = (scope: Construct, keepData: boolean): Credentials =>
  new Credentials(scope, 'LinkSigningKey', {
    description: 'ClearMaas Gateway: the key that signs links. Never change it.',
    keepData,
    generated: generated('LINK_SIGNING_KEY'),
  });

/** What CloudFront adds to each request, so that nobody goes round it. */
export const originSecret = (scope: Construct): Credentials =>
  new Credentials(scope, 'OriginSecret', {
    description: 'ClearMaas Gateway: what CloudFront sends to the function. Never change it.',
    keepData: false,
    generated: generated('ORIGIN_SECRET'),
  });

/**
 * The credentials of providers of one kind, which the operator enters. CloudFormation makes the secret without a value
 * (https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-secretsmanager-secret.html),
 * so that no deployment and no roll-back has anything to write over what was entered.
 */
export const providerCredentials = (
  scope: Construct,
  kind: 'Video' | 'Image',
  keepData: boolean,
): Credentials =>
  new Credentials(scope, `${kind}Credentials`, {
    description: `ClearMaas Gateway: credentials of the ${kind.toLowerCase()} providers. Enter them with: npm run credentials`,
    keepData,
  });

/** Gives a function the right to read these secrets, and their names; it is not told of any other. */
export const grantRead = (reader: LambdaFunction, secrets: readonly Credentials[]): void => {
  const arns = secrets.map(({ arn }) => arn);
  Grant.addToPrincipal({ grantee: reader, actions: ['secretsmanager:GetSecretValue'], resourceArns: arns });
  reader.addEnvironment('CREDENTIALS_SECRET_IDS' satisfies keyof FunctionEnvironment, arns.join(','));
};
