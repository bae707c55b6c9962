import { RemovalPolicy, Validations } from 'aws-cdk-lib';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import type { Credentials, FunctionEnvironment } from '../../lib/config.ts';

/** What the operator fills in. An empty one counts as not set. */
const empty = {
  KLING_API_KEY: '',
  KLING_ACCESS_KEY: '',
  KLING_SECRET_KEY: '',
  OPENAI_API_KEY: '',
  GEMINI_API_KEY: '',
  XAI_API_KEY: '',
} satisfies Record<Exclude<keyof Credentials, typeof generated>, ''>;
const generated = 'LINK_SIGNING_KEY';

type ProviderCredentialsProps = {
  keepData: boolean;
};

/** The one secret: the providers' credentials, which the operator enters, and the link signing key, which is made here. */
export class ProviderCredentials extends Construct {
  private readonly secret: Secret;

  constructor(scope: Construct, id: string, { keepData }: ProviderCredentialsProps) {
    super(scope, id);
    this.secret = new Secret(this, 'Secret', {
      description: 'ClearMaas Gateway: credentials of the providers and the key that signs links',
      generateSecretString: {
        secretStringTemplate: JSON.stringify(empty),
        generateStringKey: generated,
        passwordLength: 64,
        excludePunctuation: true,
      },
      removalPolicy: keepData ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    });
    Validations.of(this.secret).acknowledge({
      id: 'AwsSolutions-SMG4',
      reason: 'Other companies issue these credentials, and offer no way to rotate them by a program.',
    });
  }

  get secretArn(): string {
    return this.secret.secretArn;
  }

  /** Gives the right and the name: who may not read the secret need not know of it. */
  grantRead(reader: LambdaFunction): void {
    this.secret.grantRead(reader);
    reader.addEnvironment('CREDENTIALS_SECRET_ID' satisfies keyof FunctionEnvironment, this.secretArn);
  }
}
