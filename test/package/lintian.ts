import { spawnSync } from 'node:child_process'
import type { Debian } from './archives.ts'
import type { Checks } from './checks.ts'

/** What Debian's own checker says and we do otherwise, each with its reason. */
const accepted: Readonly<Record<string, string>> = {
  'embedded-library': 'Node is handed on as its makers built it, with its libraries inside (decision 1)',
  'hardening-no-pie': 'the same',
  'malformed-deb-archive':
    'zstd: dpkg of Debian 12 reads it, the archive of Debian itself does not take it (decision 30)',
  'copyright-file-contains-full-apache-2-license': 'the notices of others are handed on word for word',
  'copyright-file-contains-full-gpl-license': 'the same',
  'old-fsf-address-in-copyright-file': 'the same',
  'maintainer-script-calls-systemctl':
    'the journal of our namespace is ended, for which there is no tool of Debian',
}

export function lintian(place: Debian, archive: string, checks: Checks): void {
  const done = spawnSync('lintian', ['--allow-root', '--fail-on=none', '--tag-display-limit=0', archive], {
    encoding: 'utf8',
  })
  const tags = done.stdout.split('\n').filter((line) => /^[EW]: /.test(line))
  const unknown = tags.filter((line) => !Object.keys(accepted).includes(line.split(' ')[2] ?? ''))
  checks.equal(place, 'lintian finds nothing that is not meant', unknown, [])
}
