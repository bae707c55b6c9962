import { createSocket } from 'node:dgram';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { checkCallbackUrl } from '../../lib/callbacks/callback-url.ts';
import { testEvent } from '../../lib/callbacks/event.ts';
import { readAnswer } from '../../lib/callbacks/read-answer.ts';
import { createDnsResolve, type Resolve } from '../../lib/callbacks/resolve.ts';
import { createSendCallback } from '../../lib/callbacks/send-callback.ts';
import { createSendEvent } from '../../lib/callbacks/send-event.ts';
import { createSendTest } from '../../lib/callbacks/send-test.ts';
import { isPublicAddress } from '../../lib/public-host.ts';
import { type DnsServer, startDnsServer } from '../support/dns-server.ts';
import { aWorkspace } from '../support/keys.ts';
import { type Receiver, startScriptedReceiver } from '../support/scripted-receiver.ts';

/** One address and more of each range that must never be called. */
const refused = [
  '0.0.0.0',
  '0.1.2.3',
  '10.0.0.1',
  '172.16.0.1',
  '172.31.255.255',
  '192.168.1.1',
  '100.64.0.1',
  '100.100.100.200',
  '127.0.0.1',
  '127.255.255.254',
  '169.254.169.254',
  '169.254.170.2',
  '169.254.100.1',
  '192.0.0.192',
  '192.0.2.1',
  '198.51.100.1',
  '203.0.113.1',
  '192.31.196.1',
  '192.175.48.1',
  '192.52.193.1',
  '192.88.99.1',
  '198.18.0.1',
  '198.19.255.255',
  '224.0.0.1',
  '239.255.255.255',
  '240.0.0.1',
  '255.255.255.255',
  '168.63.129.16',
  '::',
  '::1',
  '::ffff:127.0.0.1',
  '::ffff:8.8.8.8',
  '::7f00:1',
  '::a9fe:a9fe',
  '::ffff:0:7f00:1',
  '64:ff9b::7f00:1',
  '64:ff9b::808:808',
  '64:ff9b:1::1',
  '100::1',
  '100:0:0:1::1',
  '1::1',
  '4000::1',
  '5f00::1',
  'fc00::1',
  'fd00:ec2::254',
  'fe80::1',
  'fec0::1',
  'ff02::1',
  '2001::1',
  '2001:2::1',
  '2001:10::1',
  '2001:20::1',
  '2001:4:112::1',
  '2001:db8::1',
  '2002:7f00:1::1',
  '2620:4f:8000::1',
  '3fff::1',
];
const spellings = [
  'localhost',
  '0x7f000001',
  '127.1',
  '2130706433',
  '0177.0.0.1',
  '%31%32%37.0.0.1',
  '１２７.0.0.1',
  '①②⑦.0.0.1',
  '0',
  '127.0.0.1.',
  '[::1]',
  '[0:0:0:0:0:0:0:1]',
  '[::ffff:7f00:1]',
  '[::127.0.0.1]',
  'user@127.0.0.1',
];
const name = 'hooks.test.example';
const publicAddress = '93.184.216.34';

let canary: Receiver;
let sixCanary: Receiver | undefined;
let dns: DnsServer;
let resolve: Resolve;
beforeAll(async () => {
  dns = await startDnsServer();
  resolve = createDnsResolve([dns.address]);
});
afterAll(() => dns.stop());
beforeEach(async () => {
  canary = await startScriptedReceiver();
  // The same port on IPv6, where this machine has it.
  sixCanary = await startScriptedReceiver({ host: '::1', port: canary.port }).catch(() => undefined);
  return async () => {
    await canary.stop();
    await sixCanary?.stop();
  };
});

const now = Date.now;
const limits = { connectMs: 20_000, totalMs: 20_000, drainMs: 100 };
const sender = () => createSendCallback({ resolve, isAllowedAddress: isPublicAddress, now, limits });
const urlOf = (host: string) => `http://${host}:${canary.port}/`;
const send = (host: string) => sender()({ url: urlOf(host), headers: {}, body: Buffer.from('{}') });
const blocked = { failure: { code: 'BLOCKED_ADDRESS' } };

const expectNoConnection = () => {
  expect(canary.connections() + (sixCanary?.connections() ?? 0)).toBe(0);
};
const bracketed = (address: string) => (address.includes(':') ? `[${address}]` : address);

describe('an address that is not public', () => {
  it('would be reached by a sender that does not look', async () => {
    const careless = createSendCallback({ resolve, isAllowedAddress: () => true, now, limits });
    dns.answers(name, ['127.0.0.1']);
    await careless({ url: urlOf('127.0.0.1'), headers: {}, body: Buffer.from('{}') });
    await careless({ url: urlOf(name), headers: {}, body: Buffer.from('{}') });
    expect(canary.connections()).toBe(2);
  });

  describe.each(refused)('%s', (address) => {
    it('is refused when a task is submitted', () => {
      expect(checkCallbackUrl(`https://${bracketed(address)}/`, { allowPrivate: false })).toBeDefined();
    });
    it('is not called as a literal', async () => {
      expect(await send(bracketed(address))).toMatchObject(blocked);
      expectNoConnection();
    });
    it('is not called under a name', async () => {
      dns.answers(name, [address]);
      expect(await send(name)).toMatchObject(blocked);
      expectNoConnection();
    });
    it('is not called as the second of two addresses, nor is the first', async () => {
      dns.answers(name, [publicAddress, address]);
      expect(await send(name)).toMatchObject(blocked);
      expectNoConnection();
    });
    it('is not called under a name that pointed elsewhere when it was checked before', async () => {
      dns.answers(name, [publicAddress], [address]);
      expect(await resolve(name)).toEqual([publicAddress]);
      expect(await send(name)).toMatchObject(blocked);
      expectNoConnection();
    });
  });

  it.each(spellings)('is not called as %s', async (host) => {
    expect(checkCallbackUrl(`https://${host}:${canary.port}/`, { allowPrivate: false })).toBeDefined();
    const result = await send(host);
    expect(result).toHaveProperty('failure');
    expectNoConnection();
  });

  it('is not called by a test event either', async () => {
    dns.answers(name, ['127.0.0.1']);
    const limiter = { acquire: async () => ({ admitted: true as const, release: async () => {} }) };
    const sendTest = createSendTest({ send: createSendEvent({ send: sender(), now }), limiter, now });
    expect(await sendTest(aWorkspace(), urlOf(name))).toMatchObject({
      outcome: { delivered: false, errorClass: 'blocked_address', final: true },
    });
    expectNoConnection();
  });

  it('is hung up on before a byte is sent, should a connection come about all the same', async () => {
    let asked = 0;
    // The check of the answered address passes, that of the connected socket does not.
    const isAllowedAddress = () => asked++ === 0;
    const result = await createSendCallback({ resolve, isAllowedAddress, now, limits })({
      url: urlOf('127.0.0.1'),
      headers: {},
      body: Buffer.from('{}'),
    });
    expect(result).toMatchObject(blocked);
    expect(canary.received).toEqual([]);
  });

  it('is never told to the client', async () => {
    dns.answers(name, ['10.20.30.40']);
    const outcome = readAnswer(await send(name), urlOf(name));
    expect(JSON.stringify(outcome)).not.toContain('10.20');
  });
});

describe('a public address', () => {
  it.each([publicAddress, '8.8.8.8', '172.32.0.1', '100.128.0.1', '2606:4700::1111', '2a00:1450::1'])(
    '%s may be called',
    (address) => {
      expect(isPublicAddress(address)).toBe(true);
    },
  );
});

describe('what is no address', () => {
  it.each(['', 'localhost', '1.2.3', '1.2.3.4.5', 'fe80::1%eth0', '2a00::1%1', '127.0.0.1:80', ' 8.8.8.8'])(
    '%j is refused',
    (text) => {
      expect(isPublicAddress(text)).toBe(false);
    },
  );
});

describe('looking a name up', () => {
  it('finds all its addresses', async () => {
    dns.answers(name, [publicAddress, '2606:4700::1111']);
    expect(await resolve(name)).toEqual([publicAddress, '2606:4700::1111']);
  });
  it('says that there is no such name', async () => {
    await expect(resolve('missing.test.example')).rejects.toMatchObject({ code: 'ENOTFOUND' });
  });
  it('gives up by itself when the name server is mute', async () => {
    const mute = createSocket('udp4');
    await new Promise<void>((bound) => mute.bind(0, '127.0.0.1', bound));
    const asking = createDnsResolve([`127.0.0.1:${mute.address().port}`]);
    await expect(asking(name)).rejects.toMatchObject({ code: 'ETIMEOUT' });
    mute.close();
  });
});

describe('a test event', () => {
  it('has an id of its own each time', () => {
    const event = () => testEvent({ livemode: true }, 0);
    expect(event().id).not.toBe(event().id);
    expect(event().id).toMatch(/^evt_[0-9A-Za-z]{32}$/);
  });
});
