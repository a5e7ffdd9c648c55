import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseShare } from './backup-target.ts'

describe('a share', () => {
  for (const [text, host, port, share, folder] of [
    ['//nas/backups', 'nas', undefined, 'backups', ''],
    ['\\\\nas.contoso.com\\Team Files\\boxes\\07\\', 'nas.contoso.com', undefined, 'Team Files', 'boxes/07'],
    ['//10.0.0.5:4450/b$/x', '10.0.0.5', 4450, 'b$', 'x'],
    ['//[fe80::1]/b', 'fe80::1', undefined, 'b', ''],
  ] as const)
    it(`is read from ${text}`, () => assert.deepEqual(parseShare(text), { host, port, share, folder }))

  for (const text of [
    '',
    'nas/backups',
    '//nas',
    '//nas/',
    '//nas/b/../c',
    '//nas/b;rm',
    '//nas/b"c',
    '//-x/b',
    '//nas/-b',
    '//nas/b/!sh',
    '//nas/b\nput',
  ])
    it(`is not read from ${JSON.stringify(text)}`, () => assert.equal(parseShare(text), undefined))
})
