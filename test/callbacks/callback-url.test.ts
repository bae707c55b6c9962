import { describe, expect, it } from 'vitest';
import { checkCallbackUrl } from '../../lib/callbacks/callback-url.ts';

const strict = { allowPrivate: false, ownHosts: ['gateway.example.com', 'gateway.example.net:8443'] };

describe('a callback URL', () => {
  it.each([
    'https://hooks.example.com',
    'https://hooks.example.com/clearmaas?token=a',
    'https://hooks.example.com:8443/',
    'https://hooks.example.com:49152/',
    'https://93.184.216.34/',
    'https://[2606:4700::1111]/',
    'https://bücher.example/',
    'https://hooks.example.com./',
  ])('%s may be used', (url) => {
    expect(checkCallbackUrl(url, strict)).toBeUndefined();
  });

  it.each([
    ['', 'complete URL'],
    ['hooks.example.com', 'complete URL'],
    ['https://', 'complete URL'],
    ['https://256.1.1.1/', 'complete URL'],
    ['https://[fe80::1%25eth0]/', 'complete URL'],
    ['https:hooks.example.com/', 'two slashes'],
    ['https:///hooks.example.com/', 'two slashes'],
    ['https:\\\\hooks.example.com\\', 'a backslash, but has one after 6 characters'],
    ['https://hooks.example.com/\u202e', 'invisible character'],
    ['https://hooks.example.com/a\u00adb', 'invisible character'],
    ['https://hooks..example.com/', 'host that can exist'],
    ['https://hooks.example.com../', 'host that can exist'],
    [`https://${'a'.repeat(64)}.example.com/`, 'host that can exist'],
    [`https://${'abc.'.repeat(63)}example.com/`, 'host that can exist'],
    ['https://{host}.example.com/', 'host that can exist'],
    ['https://*.example.com/', 'host that can exist'],
    ["https://'hooks.example.com/", 'host that can exist'],
    ['https://hooks_2.example.com/', undefined],
    ['https://bücher.example.com/', undefined],
    ['http://hooks.example.com/', 'must use https'],
    ['ftp://hooks.example.com/', 'https URL'],
    ['file:///etc/passwd', 'https URL'],
    ['javascript:alert(1)', 'https URL'],
    [`https://hooks.example.com/${'a'.repeat(2_048)}`, '2048'],
    [`https://hooks.example.com/${'ü'.repeat(1_000)}`, '2048'],
    ['https://user:password@hooks.example.com/', 'user name'],
    ['https://user@hooks.example.com/', 'user name'],
    ['https://hooks.example.com/#part', 'fragment'],
    ['https://hooks.example.com:22/', 'port'],
    ['https://hooks.example.com:6379/', undefined],
    ['https://hooks.example.com:6667/', 'port'],
    ['https://hooks.example.com:25/', 'port'],
    ['https://gateway.example.com/v1', 'gateway itself'],
    ['https://GATEWAY.example.com./v1', 'gateway itself'],
    ['https://gateway.example.net:8443/v1', 'gateway itself'],
    ['https://intranet/', 'public host'],
    ['https://printer.local/', 'public host'],
    ['https://app.localhost/', 'public host'],
    ['https://db.internal/', 'public host'],
    ['https://router.home.arpa/', 'public host'],
    ['https://10.0.0.1/', 'private or reserved'],
    ['https://0x7f000001/', 'private or reserved'],
  ])('%s is refused with the rule that it breaks', (url, rule) => {
    const broken = checkCallbackUrl(url, strict);
    if (rule === undefined) expect(broken).toBeUndefined();
    else expect(broken).toContain(rule);
  });

  it.each(['http://127.0.0.1:3000/hook', 'http://localhost:3000/', 'https://receiver/', 'http://10.0.0.1/'])(
    '%s may be used on a developer’s machine',
    (url) => {
      expect(checkCallbackUrl(url, { allowPrivate: true })).toBeUndefined();
    },
  );
  it.each(['ftp://localhost/', 'http://localhost:22/', 'http://a:b@localhost/'])(
    '%s is refused even there',
    (url) => {
      expect(checkCallbackUrl(url, { allowPrivate: true })).toBeDefined();
    },
  );
  it('never repeats the URL, which can hold a token', () => {
    const broken = checkCallbackUrl('http://hooks.example.com/?token=secret', strict);
    expect(broken).not.toContain('secret');
  });
});
