import { Duration, Fn, Validations } from 'aws-cdk-lib';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import {
  AllowedMethods,
  CachePolicy,
  Distribution,
  OriginProtocolPolicy,
  OriginRequestPolicy,
  SecurityPolicyProtocol,
  ViewerProtocolPolicy,
} from 'aws-cdk-lib/aws-cloudfront';
import { HttpOrigin } from 'aws-cdk-lib/aws-cloudfront-origins';
import { FunctionUrlAuthType, InvokeMode } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { originHeader } from '../../lib/config.ts';
import type { Settings } from '../settings.ts';
import type { Credentials } from './credentials.ts';
import type { GatewayFunction } from './gateway-function.ts';

type PublicEndpointProps = {
  api: GatewayFunction;
  /** Present where there is a domain. */
  originSecret: Credentials | undefined;
  settings: Pick<Settings, 'domainName' | 'certificateArn' | 'webAclArn'>;
};

/** Where the world reaches the gateway: the Function URL, or CloudFront with the deployment's own domain before it. */
export class PublicEndpoint extends Construct {
  /** Without a slash at the end. */
  readonly url: string;
  /** What the domain's DNS record must point to, where there is a domain. */
  readonly dnsTarget: string | undefined;

  constructor(scope: Construct, id: string, { api, originSecret, settings }: PublicEndpointProps) {
    super(scope, id);
    const functionUrl = api.addFunctionUrl({
      // Callers prove themselves with their API keys; they have no AWS credentials.
      authType: FunctionUrlAuthType.NONE,
      invokeMode: InvokeMode.RESPONSE_STREAM,
    });
    const host = Fn.select(2, Fn.split('/', functionUrl.url));
    const { domainName, certificateArn } = settings;
    if (domainName === undefined || certificateArn === undefined || originSecret === undefined) {
      this.url = `https://${host}`;
      return;
    }
    this.url = `https://${domainName}`;
    const origin = new HttpOrigin(host, {
      protocolPolicy: OriginProtocolPolicy.HTTPS_ONLY,
      // The most that CloudFront grants without asking: an image that takes longer is for an asynchronous request.
      readTimeout: Duration.seconds(60),
      customHeaders: { [originHeader]: originSecret.reference('ORIGIN_SECRET') },
    });
    this.dnsTarget = this.distribution(
      origin,
      domainName,
      certificateArn,
      settings.webAclArn,
    ).distributionDomainName;
  }

  private distribution(
    origin: HttpOrigin,
    domainName: string,
    certificateArn: string,
    webAclArn: string | undefined,
  ): Distribution {
    const distribution = new Distribution(this, 'Distribution', {
      domainNames: [domainName],
      certificate: Certificate.fromCertificateArn(this, 'Certificate', certificateArn),
      minimumProtocolVersion: SecurityPolicyProtocol.TLS_V1_2_2021,
      ...(webAclArn !== undefined && { webAclId: webAclArn }),
      defaultBehavior: {
        origin,
        allowedMethods: AllowedMethods.ALLOW_ALL,
        viewerProtocolPolicy: ViewerProtocolPolicy.HTTPS_ONLY,
        cachePolicy: CachePolicy.CACHING_DISABLED,
        // A Function URL only answers to its own host name.
        originRequestPolicy: OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER,
      },
    });
    Validations.of(distribution).acknowledge(
      { id: 'AwsSolutions-CFR1', reason: 'Callers may be anywhere; a web ACL can restrict countries.' },
      {
        id: 'AwsSolutions-CFR2',
        reason: 'Every request needs an API key; the setting "webAclArn" puts WAF before that.',
      },
      {
        id: 'AwsSolutions-CFR3',
        reason: 'The API function logs every request itself, without what is confidential in it.',
      },
    );
    return distribution;
  }
}
