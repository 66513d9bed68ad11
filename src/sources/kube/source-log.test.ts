// What operators read of the contact with an API server.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ContactLog } from './source-log.ts';

function recorder() {
  const lines: string[] = [];
  const add = (level: string) => (_fields: object, message: string) => void lines.push(`${level} ${message}`);
  return { lines, log: { info: add('info'), warn: add('warn') } };
}

const away = { resource: 'ingresses', reason: 'away', status: 0 };
const near = { resource: 'ingresses', reason: null, status: 200 };

describe('ContactLog', () => {
  it('does not say of a server that never answered that contact is lost', () => {
    const { lines, log } = recorder();
    const contact = new ContactLog(log, () => 0);
    contact.tell({}, away);
    assert.deepEqual(lines, [
      'warn the API server cannot be reached; tried again until it can, and nothing is served before',
    ]);
  });

  it('says of one that did that what is known stays', () => {
    const { lines, log } = recorder();
    const contact = new ContactLog(log, () => 0);
    contact.tell({}, near);
    contact.tell({}, away);
    assert.deepEqual(lines, [
      'warn contact with the API server is lost; what is known stays in force until it is back',
    ]);
  });
});
