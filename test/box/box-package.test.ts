// inkpost-box: what closes a machine, as a package.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { boxFiles } from '../../appliance/box/box-files.ts'
import { packArchive } from '../../appliance/package/debian-archive.ts'
import { filesOf } from '../../appliance/package/package-files.ts'
import { run } from '../../appliance/package/run.ts'
import { temporaryFolder } from '../gateway-process.ts'
import { noNamespaces } from './namespaces.ts'

const hasVerify = spawnSync('systemd-analyze', ['--version']).status === 0

describe('the package that closes a machine', () => {
  const folder = temporaryFolder()
  const tree = join(folder.path, 'tree')
  const pack = (name: string): Buffer => {
    const archive = join(folder.path, `${name}.deb`)
    packArchive({
      templates: 'appliance/box',
      files: boxFiles,
      links: {},
      version: '0.1.0',
      architecture: 'all',
      stage: join(folder.path, name),
      archive,
      epoch: 1_700_000_000,
    })
    return readFileSync(archive)
  }
  before(() => {
    pack('one')
    run('dpkg-deb', ['-x', join(folder.path, 'one.deb'), tree])
    run('dpkg-deb', ['-e', join(folder.path, 'one.deb'), join(tree, 'DEBIAN')])
  })
  after(() => folder[Symbol.dispose]())
  const text = (path: string): string => readFileSync(join(tree, path), 'utf8')

  it('is the same octets twice, for every architecture', () => {
    assert.ok(pack('two').equals(pack('three')))
    assert.match(text('DEBIAN/control'), /^Architecture: all$/m)
  })

  it('takes SSH servers and other firewalls away, and needs inkpost of its own version', () => {
    const control = text('DEBIAN/control')
    assert.match(control, /^Conflicts: .*\bopenssh-server\b.*\bufw\b.*\bfirewalld\b/m)
    assert.match(control, /^Depends: inkpost \(>= 0\.1\.0\), nftables,/m)
    // Two packages may not have one file.
    const others = new Set(filesOf({ bundle: 'build', root: 'build/none' }).map(({ to }) => to))
    for (const { to } of boxFiles) assert.equal(others.has(to), false, to)
  })

  it('leaves no terminal to sign in at, and gives back what it took', () => {
    const masked = /^closed='(.*)'$/m
    const [, taken = ''] = masked.exec(text('DEBIAN/postinst')) ?? []
    for (const unit of ['getty@.service', 'serial-getty@.service', 'autovt@.service', 'debug-shell.service'])
      assert.ok(taken.split(' ').includes(unit), unit)
    assert.equal(masked.exec(text('DEBIAN/postrm'))?.[1], taken)
    assert.match(text('usr/lib/systemd/logind.conf.d/inkpost-box.conf'), /^NAutoVTs=0$/m)
    run('shellcheck', [
      '-s',
      'sh',
      ...['postinst', 'prerm', 'postrm'].map((name) => join(tree, 'DEBIAN', name)),
    ])
  })

  it('has rules that load, also those for when the others do not', {
    skip: noNamespaces() ?? false,
  }, () => {
    for (const name of ['inkpost.nft', 'inkpost-closed.nft']) {
      const rules = text(`usr/lib/inkpost/${name}`).replace('"inkpost"', '0')
      const checked = spawnSync('unshare', ['-n', 'nft', '-c', '-f', '-'], { input: rules, encoding: 'utf8' })
      assert.equal(checked.status, 0, `${name}: ${checked.stderr}`)
    }
  })

  it('shows its page by a program that reaches nothing else of its group', () => {
    const screen = text('usr/lib/systemd/system/inkpost-screen.service')
    const [, hidden = ''] = /^InaccessiblePaths=(.*)$/m.exec(screen) ?? []
    const unit = readFileSync('appliance/machine/inkpost-machine.socket', 'utf8')
    const [, machine = ''] = /^ListenStream=(.*)$/m.exec(unit) ?? []
    const folders = readFileSync('appliance/package/inkpost.tmpfiles', 'utf8')
    const shared = [...folders.matchAll(/^d (\S+)/gm)].map(([, path = '']) => path)
    assert.ok(shared.length > 2)
    for (const path of [machine, ...shared]) assert.ok(hidden.split(' ').includes(`-${path}`), path)
  })

  it('has units that systemd understands', { skip: !hasVerify && 'systemd is not installed' }, () => {
    const units = join(tree, 'usr/lib/systemd/system')
    const [, started = ''] = /^units='(.*)'$/m.exec(text('DEBIAN/postinst')) ?? []
    assert.deepEqual(started.split(' ').toSorted(), readdirSync(units).toSorted())
    for (const unit of readdirSync(units)) {
      const words = ['verify', '--man=no', '--recursive-errors=no', join(units, unit)]
      const said = spawnSync('systemd-analyze', words, { encoding: 'utf8' })
        .stderr.split('\n')
        .filter((line) => line.includes(unit) && !/is not executable: No such file/.test(line))
      assert.deepEqual(said, [])
    }
    assert.ok(existsSync('build/inkpost-screen.js'), 'its program is in the bundle')
  })
})
