// Addresses that are dialled and those that are not.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { refuseAddress, refuseExternalName } from './endpoint-address.ts';

describe('refuseAddress', () => {
  const rows: [string, boolean, RegExp | null][] = [
    ['10.0.0.1', false, null],
    ['2001:db8::1', false, null],
    ['127.0.0.1', true, null],
    ['::1', true, null],
    ['127.0.0.1', false, /loopback/],
    ['127.8.8.8', false, /loopback/],
    ['::1', false, /loopback/],
    ['::ffff:127.0.0.1', false, /loopback/],
    ['0:0:0:0:0:0:0:1', false, /loopback/],
    ['0.0.0.0', true, /unspecified/],
    ['::', true, /unspecified/],
    ['169.254.169.254', true, /link-local/],
    ['::ffff:a9fe:a9fe', true, /link-local/],
    ['fe80::1', true, /link-local/],
    ['febf::1', true, /link-local/],
    ['fec0::1', true, null],
    ['224.0.0.1', true, /multicast/],
    ['239.1.1.1', true, /multicast/],
    ['240.0.0.1', true, /reserved/],
    ['255.255.255.254', true, /reserved/],
    ['255.255.255.255', true, /broadcast/],
    ['::ffff:255.255.255.255', true, /broadcast/],
    ['ff02::1', true, /multicast/],
    ['10.0.0.01', true, /not an IP/],
    ['app.example.com', true, /not an IP/],
    ['', true, /not an IP/],
  ];
  for (const [address, allowLoopback, wanted] of rows) {
    it(`${wanted === null ? 'takes' : 'refuses'} "${address}"${allowLoopback ? ' on one machine' : ''}`, () => {
      const refused = refuseAddress(address, allowLoopback);
      if (wanted === null) assert.equal(refused, null);
      else assert.match(refused ?? 'taken', wanted);
    });
  }
});

describe('refuseExternalName', () => {
  const rows: [string, boolean, RegExp | null][] = [
    ['db.example.com', false, null],
    ['localhost', true, null],
    ['LOCALHOST', false, /loopback/],
    ['x.localhost', false, /loopback/],
    ['127.0.0.1', false, /loopback/],
    ['127.1', true, /not a DNS name/],
    ['0x7f.1', true, /not a DNS name/],
    ['2130706433', true, /not a DNS name/],
    ['10.0.0.1', false, null],
    ['', true, /empty/],
  ];
  for (const [name, allowLoopback, wanted] of rows) {
    it(`${wanted === null ? 'takes' : 'refuses'} "${name}"${allowLoopback ? ' on one machine' : ''}`, () => {
      const refused = refuseExternalName(name, allowLoopback);
      if (wanted === null) assert.equal(refused, null);
      else assert.match(refused ?? 'taken', wanted);
    });
  }
});
