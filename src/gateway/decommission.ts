import { accessSync, constants, existsSync } from 'node:fs'
import { headText } from '../core/audit.ts'
import type { Log } from '../core/log.ts'
import type { Machine } from '../core/machine.ts'
import type { Done, Operations } from '../core/operations.ts'
import { decommissionNote } from '../papers/decommission-note.ts'
import type { Stores } from './boot.ts'
import { beginErasure } from './erasure.ts'
import { eraseDataKeys } from './erasure-end.ts'

export interface DecommissionParts {
  readonly stores: Pick<Stores, 'settings' | 'dataDir'>
  readonly operations: () => Pick<Operations, 'azureScript'>
  readonly log: Log
  readonly machine: Machine
  /** `INKPOST_SETUP`. */
  readonly setupFile: string | undefined
  /** The keys are gone: whoever holds the directory ends. */
  readonly onBegun: () => void
}

/** Audit and log first, then the keys; the rest goes when everything is closed (`finishErasure`). */
export async function decommission(
  parts: DecommissionParts,
  name: string,
  who: string,
): Promise<Done<{ readonly text: string }>> {
  const { stores, log, machine } = parts
  const { settings, dataDir } = stores
  const box = settings.setup.gateway.name
  if (name !== box)
    return {
      kind: 'refused',
      reason: `this box is called ${box}, not ${name}: nothing was destroyed`,
      isWrongInput: true,
    }
  const text = await whatIsLeft(parts)
  settings.record(who, ['decommissioned: keys and data are destroyed'])
  // The audit goes with the rest: a log that is kept elsewhere has its last word.
  log.write('warn', 'box-decommissioned', { who, auditHead: headText(settings.auditHead()) })
  await beginErasure(dataDir, text)
  const left = await eraseDataKeys(machine, log)
  parts.onBegun()
  return { kind: 'done', text: `${text}${left}` }
}

async function whatIsLeft({ stores, operations, setupFile }: DecommissionParts): Promise<string> {
  const { settings } = stores
  const script = await operations().azureScript({ upstream: undefined, isLost: true })
  return decommissionNote({
    box: settings.setup.gateway.name,
    script: script.kind === 'done' ? script.text : undefined,
    upstreams: [...settings.setup.upstreams, ...settings.retired()],
    files: settings.setup.upstreams.flatMap(({ credential }) => fileOf(credential)),
    undone: lastingSetup(setupFile),
  })
}

const fileOf = (credential: object): readonly string[] =>
  'certificateFile' in credential &&
  typeof credential.certificateFile === 'string' &&
  credential.certificateFile !== ''
    ? [credential.certificateFile]
    : []

/** The next start would make this box again out of it. */
function lastingSetup(setupFile: string | undefined): readonly string[] {
  if (setupFile === undefined || !existsSync(setupFile)) return []
  try {
    accessSync(setupFile, constants.W_OK)
    return []
  } catch {
    return [`${setupFile} can't be emptied: do it by hand, or the next start makes this box again out of it.`]
  }
}
