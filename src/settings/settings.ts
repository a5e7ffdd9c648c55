import type { AuditFilter, AuditHead, AuditVerification, AuditWitness } from '../core/audit.ts'
import type { Managed } from '../core/fleet.ts'
import { type OpenedSecret, type SecretName, type Secrets, secretName } from '../core/secret.ts'
import type { OperatorSetup, Setup, UpstreamSetup } from '../core/setup.ts'
import { isAnswer } from '../core/setup-answer.ts'
import { type WallMs, wallMs } from '../core/time.ts'
import { isWeaker } from '../core/weakenings.ts'
import type { Vault, VaultState } from '../platform/vault.ts'
import { answeredDocument } from './answer.ts'
import type { AuditDetails, StoredAudit } from './audit-rows.ts'
import { verifyAudit } from './audit-verification.ts'
import { listChanges, type SettingsChange } from './changes.ts'
import { type DeviceRename, namesAfter, renameInFacts, renamesBetween } from './device-renames.ts'
import { type AdministratorWish, administratorTrouble } from './last-administrator.ts'
import { managedProblems, storedManaged } from './managed.ts'
import { notActiveYet } from './notices.ts'
import { type OperatorPlan, planOperators } from './operator-plan.ts'
import { parseDocument } from './parse.ts'
import { isSame, printDocument } from './print.ts'
import { error, isError, type Problem, warning } from './problem.ts'
import { type Readable, wholly } from './readable.ts'
import { judge } from './rules.ts'
import { kept, type SetupDocument, type UpstreamDocument } from './schema.ts'
import { readSecretFiles, type SecretFile } from './secret-files.ts'
import { planSecrets, type SecretPlan, slotPlace } from './secret-plan.ts'
import { secretSlots, slotText, withSecrets } from './secret-slots.ts'
import type { SettingsDatabase } from './settings-database.ts'
import {
  emptyDocument,
  readStored,
  readStoredUpstream,
  storedText,
  storedUpstream,
} from './stored-document.ts'
import { upstreamOf } from './upstream-value.ts'
import { type Profile, setupOf } from './value.ts'

export interface ApplyOptions extends AdministratorWish {
  /** Who did it, for the audit: an operator, `command line (uid 0)`. */
  readonly who: string
  /** Only says what would happen. */
  readonly check?: boolean
  /** The revision that the change was made from; another one meanwhile makes it `outdated`. */
  readonly revision?: number
  /** A device's row under another name; of others the same account says that. */
  readonly renamed?: DeviceRename
  /** Refused where it would make, change or remove an operator. */
  readonly keepsOperators?: boolean
  /** Head office itself: it may change what is its own, and this is that from now on; undefined: nothing is. */
  readonly headOffice?: { readonly managed: Managed | undefined }
}

export type Application =
  | {
      readonly kind: 'applied' | 'checked'
      /** In words, without values; empty if the document says what holds already. */
      readonly changes: readonly string[]
      /** Warnings and notices. */
      readonly remarks: readonly Problem[]
      readonly revision: number
    }
  | {
      readonly kind: 'problems'
      readonly problems: readonly Problem[]
      /** Nothing is wrong with it: it is head office's. */
      readonly isManaged?: true
    }
  | { readonly kind: 'outdated'; readonly revision: number }

export interface SettingsWorld {
  readonly database: SettingsDatabase
  readonly vault: Vault
  readonly profile: Profile
  readonly dataDirectory: string
  readonly now: () => WallMs
}

/** `renamed`: what devices of old names are called from now on. */
export type SetupListener = (setup: Setup, renamed: ReadonlyMap<string, string>) => void

interface Written {
  readonly changes: readonly string[]
  readonly listed: readonly SettingsChange[]
  readonly renames: readonly DeviceRename[]
}

interface Examination {
  readonly operators: OperatorPlan
  readonly secrets: SecretPlan
  readonly files: ReadonlyMap<SecretName, SecretFile>
  readonly problems: readonly Problem[]
}

/** The setup as it holds now, and the one way to change it. */
export class Settings implements Secrets, Disposable, AsyncDisposable {
  readonly #world: SettingsWorld
  readonly #listeners = new Set<SetupListener>()
  #document: SetupDocument
  #revision: number
  #misfits: readonly string[]
  #setup: Setup
  #files: ReadonlyMap<SecretName, SecretFile>
  #managed: Managed | undefined

  constructor(world: SettingsWorld) {
    this.#world = world
    const stored = world.database.setup()
    const reading = stored === undefined ? undefined : readStored(stored.document)
    this.#document = reading?.document ?? emptyDocument()
    this.#misfits = reading?.misfits ?? []
    this.#revision = stored?.revision ?? 0
    this.#setup = this.#value(this.#document)
    this.#files = readSecretFiles(world.dataDirectory, this.#document)
    const managed = this.kept(managedFact)
    this.#managed = managed === undefined || managed === '' ? undefined : storedManaged(JSON.parse(managed))
  }

  get setup(): Setup {
    return this.#setup
  }

  /** Rises with every change. */
  get revision(): number {
    return this.#revision
  }

  /** With `(kept)` in place of secrets. */
  get document(): SetupDocument {
    return this.#document
  }

  /** What of it is head office's; undefined: all of it is the site's. */
  get managed(): Managed | undefined {
    return this.#managed
  }

  /** What this release could not read of the stored document, with its place; none any more after an `apply`. */
  get misfits(): readonly string[] {
    return this.#misfits
  }

  get vaultState(): VaultState {
    return this.#world.vault.state
  }

  /** Hands over every later setup, after it is on the disk; the result ends it. */
  onChange(listener: SetupListener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** What a document would be as a setup. */
  setupOf(document: SetupDocument): Setup {
    return this.#value(document)
  }

  /** The setup document as TOML, secrets as `(kept)`. */
  export(): string {
    return printDocument(this.#document)
  }

  /** Makes the text of a setup document the truth, whole or not at all; an answer of `azure-script` completes it. */
  apply(text: string, options: ApplyOptions): Application {
    const parsed = isAnswer(text) ? answeredDocument(this.#document, text) : parseDocument(text)
    if (parsed.kind === 'problems') {
      const { problems: others } = parsed.rest === undefined ? { problems: [] } : this.#examine(parsed.rest)
      return { kind: 'problems', problems: [...parsed.problems, ...others.filter(isError)] }
    }
    // Of keys that stood there before, somebody was told then.
    if (isAnswer(text)) return this.replace(parsed.document, options)
    const application = this.replace(parsed.document, options, notActiveYet(parsed.written))
    // Somebody has looked at the whole document; a single change by command or by the box itself mends nothing else.
    if (application.kind === 'applied') this.#misfits = []
    return application
  }

  /** Makes `next` the truth; what single edits and pages use. A secret that says `(kept)` stays. */
  replace(next: SetupDocument, options: ApplyOptions, notices: readonly Problem[] = []): Application {
    if (options.revision !== undefined && options.revision !== this.#revision)
      return { kind: 'outdated', revision: this.#revision }
    const { operators, secrets, files, problems } = this.#examine(wholly(next))
    const asKept = withSecrets(next, () => kept)
    const foreign = options.headOffice
      ? []
      : managedProblems(
          { previous: this.#document, next: asKept, changedSecrets: secrets.changed },
          this.#managed,
        )
    if (foreign.length > 0) return { kind: 'problems', problems: foreign, isManaged: true }
    if (problems.some(isError)) return { kind: 'problems', problems: problems.filter(isError) }
    const overreach = this.#operatorProblem(operators, options)
    if (overreach !== undefined) return { kind: 'problems', problems: [overreach] }

    const listed = listChanges(this.#document, asKept, [...secrets.changed, ...operators.changed])
    const changes = [...listed.map(({ sentence }) => sentence), ...this.#fileChanges(next, files)]
    const remarks = [...problems, ...notices]
    if (options.check === true) return { kind: 'checked', changes, remarks, revision: this.#revision }
    const isMeant = options.headOffice !== undefined || this.#revision === 0 || this.#misfits.length > 0
    if (changes.length > 0 || isMeant) {
      const renames = options.renamed ? [options.renamed] : renamesBetween(this.#document, next)
      this.#write(next, secrets, operators, options, { changes, listed, renames })
      this.#take(asKept, files, namesAfter(renames))
    }
    return { kind: 'applied', changes, remarks, revision: this.#revision }
  }

  open(name: SecretName): OpenedSecret {
    const file = this.#files.get(name)
    if (file !== undefined) return file
    const sealed = this.#world.database.secret(name)
    if (sealed === undefined) return { kind: 'absent' }
    const opened = this.#world.vault.open(name, sealed)
    return opened.kind === 'damaged' ? { kind: 'unreadable', detail: 'the stored secret is damaged' } : opened
  }

  /** Every secret that can be opened, so that it can be kept out of a text; nobody keeps them. */
  knownSecrets(): readonly string[] {
    const names = new Set([...this.#world.database.secretNames(''), ...this.#files.keys()])
    return [...names]
      .map((name) => this.open(secretName(name)))
      .flatMap((opened) => (opened.kind === 'open' ? [opened.value] : []))
  }

  /** Upstreams that left the document; they are asked for uncertain deliveries until they are released. */
  retired(): readonly UpstreamSetup[] {
    return this.#retiredDocuments().map(upstreamOf)
  }

  /** Nothing is to be asked of a retired upstream any more: its secrets go. */
  release(upstream: string): void {
    const { database } = this.#world
    if (this.#document.upstream.some(({ name }) => name === upstream)) return
    database.inTransaction(() => {
      database.unretire(upstream)
      for (const name of database.secretNames(`upstream/${upstream}/`))
        if (ownerOf(name) === `upstream/${upstream}`) database.removeSecret(name)
    })
  }

  /** Newest first. */
  audit(limit: number, filter?: AuditFilter): readonly StoredAudit[] {
    return this.#world.database.audit.find(limit, filter)
  }

  /** The newest entry; undefined before the first one. */
  auditHead(): AuditHead | undefined {
    return this.#world.database.audit.head()
  }

  /** `witnesses`: heads that others wrote down. */
  verifyAudit(witnesses: readonly AuditWitness[]): Promise<AuditVerification> {
    return verifyAudit(this.#world.database.audit, witnesses)
  }

  /** Notes what was done that is no setting: a claim, a sign-in, a download, a restart. */
  record(who: string, what: readonly string[], details?: AuditDetails): void {
    this.#world.database.recordAudit(this.#world.now(), who, what, details)
  }

  /** For changes beside the document: they and their audit are on the disk together. */
  inTransaction<T>(action: () => T): T {
    return this.#world.database.inTransaction(action)
  }

  /** What was kept under a name beside the document; undefined: nothing. */
  kept(name: string): string | undefined {
    const value = this.#world.database.fact(name)
    return value && Buffer.from(value).toString('utf8')
  }

  remember(name: string, text: string): void {
    this.#world.database.saveFact(name, Buffer.from(text, 'utf8'))
  }

  /** Keeps a text beside the document, and in the same transaction who did it. */
  keep(name: string, text: string, who: string, what: string): void {
    const { database, now } = this.#world
    database.inTransaction(() => {
      database.saveFact(name, Buffer.from(text, 'utf8'))
      database.recordAudit(now(), who, [what])
    })
  }

  tidyAudit(): void {
    const { database, now } = this.#world
    database.audit.removeBefore(wallMs(now() - this.#setup.history.keepAuditMs))
  }

  /** Operators changed beside the document: hands over the setup with them. */
  refreshOperators(): void {
    this.#take(this.#document, this.#files)
  }

  /**
   * Nobody is an operator any more, the document's neither; with `action`, whole or not at all. No rule is asked: a document
   * without operators is never worse, and a reset has to work on a box with troubles too.
   */
  endOperators(who: string, what: string, action: () => void): void {
    const { database, now } = this.#world
    const next = { ...this.#document, operator: [] }
    const isStored = database.setup() !== undefined
    database.inTransaction(() => {
      action()
      for (const { name } of database.operators()) database.removeOperator(name)
      if (isStored) database.saveSetup(storedText(next), this.#revision + 1)
      database.recordAudit(now(), who, [what], { weakens: true })
    })
    if (isStored) this.#revision += 1
    this.#take(next, this.#files)
  }

  [Symbol.dispose](): void {
    this.#world.database.close()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this[Symbol.dispose]()
  }

  #value(document: SetupDocument): Setup {
    return setupOf(document, this.#world.profile, this.#world.database.operators().map(withoutOrigin))
  }

  #sealed() {
    const { vault, database } = this.#world
    return { vault, sealed: (name: SecretName) => database.secret(name) }
  }

  #retiredDocuments(): readonly UpstreamDocument[] {
    return this.#world.database.retired().flatMap(({ document }) => readStoredUpstream(document) ?? [])
  }

  /** What a document would do, and what is wrong with it. */
  #examine(next: Readable): Examination {
    const { database, dataDirectory, profile } = this.#world
    const operators = planOperators(database.operators(), next)
    const secrets = planSecrets(this.#document, this.#retiredDocuments(), next, this.#sealed())
    const files = readSecretFiles(dataDirectory, next.document)
    const setup = setupOf(next.document, profile, operators.operators)
    const problems = [
      ...operators.problems,
      ...secrets.problems,
      ...this.#fileProblems(next, files),
      ...judge({ ...next, setup, passwordLengths: secrets.passwordLengths }),
    ]
    return { operators, secrets, files, problems }
  }

  #operatorProblem({ operators, touched }: OperatorPlan, options: ApplyOptions): Problem | undefined {
    const [name] = touched
    if (options.keepsOperators === true && name !== undefined)
      return error(
        `operator ${JSON.stringify(name)}`,
        'operators are made, changed and removed by who signed in with a password',
      )
    const trouble = administratorTrouble(this.#setup.operators, operators, options)
    return trouble === undefined ? undefined : error('operator', trouble)
  }

  /** A file that is named for the first time must be there; one that went missing later only stops its upstream. */
  #fileProblems(next: Readable, files: ReadonlyMap<SecretName, SecretFile>): Problem[] {
    const known = new Map(secretSlots(this.#document).map(({ name, file }) => [name, file]))
    return secretSlots(next.document).flatMap((slot) => {
      const read = files.get(slot.name)
      if (read?.kind !== 'unreadable') return []
      const tell = known.get(slot.name) === slot.file ? warning : error
      return [tell(slotPlace(next, slot, `${slot.key}_file`), read.detail)]
    })
  }

  #fileChanges(next: SetupDocument, files: ReadonlyMap<SecretName, SecretFile>): string[] {
    return secretSlots(next)
      .filter(({ name }) => this.#files.has(name) && files.has(name))
      .filter(({ name }) => !isSame(this.#files.get(name), files.get(name)))
      .map((slot) => `${slotText(slot)}_file has another content`)
  }

  #write(
    next: SetupDocument,
    secrets: SecretPlan,
    operators: OperatorPlan,
    { who, headOffice }: ApplyOptions,
    { changes, listed, renames }: Written,
  ): void {
    const { database, now } = this.#world
    const weakens = isWeaker(this.#setup, this.#value(next))
    const managed = next.fleet.url === '' ? undefined : (headOffice ?? this).managed
    const details = { changes: listed.map(({ what, before, after }) => ({ what, before, after })), weakens }
    database.inTransaction(() => {
      this.#retire(next)
      this.#writeSecrets(secrets)
      for (const name of operators.removals) database.removeOperator(name)
      for (const { name, role, passwordHash } of operators.saves)
        database.saveOperator(name, role, passwordHash, 'document')
      for (const rename of renames) renameInFacts(database, rename)
      database.saveSetup(storedText(next), this.#revision + 1)
      if (managed !== this.#managed) database.saveFact(managedFact, Buffer.from(managedText(managed)))
      database.recordAudit(now(), who, changes, details)
    })
    this.#revision += 1
    this.#managed = managed
  }

  #writeSecrets({ needed, writes }: SecretPlan): void {
    const { database } = this.#world
    const retired = new Set(database.retired().map(({ name }) => `upstream/${name}`))
    for (const name of secretOwners.flatMap((owner) => database.secretNames(owner))) {
      if (!needed.has(secretName(name)) && !retired.has(ownerOf(name))) database.removeSecret(name)
    }
    for (const [name, sealed] of writes) database.saveSecret(name, sealed)
  }

  #retire(next: SetupDocument): void {
    const { database } = this.#world
    const stays = (name: string): boolean => next.upstream.some((row) => row.name === name)
    for (const row of this.#document.upstream) {
      if (!stays(row.name)) database.retire(row.name, storedUpstream(row))
    }
    for (const { name } of database.retired()) if (stays(name)) database.unretire(name)
  }

  #take(
    document: SetupDocument,
    files: ReadonlyMap<SecretName, SecretFile>,
    renamed: ReadonlyMap<string, string> = new Map(),
  ): void {
    this.#document = document
    this.#files = files
    this.#setup = this.#value(document)
    for (const listener of [...this.#listeners]) listener(this.#setup, renamed)
  }
}

const managedFact = 'fleet-managed'
const managedText = (managed: Managed | undefined): string =>
  managed === undefined ? '' : JSON.stringify(managed)

const secretOwners = ['device/', 'upstream/', 'backup/', 'network/', 'fleet/'] as const

/** `upstream/acs` of `upstream/acs/key`; a name may hold slashes of its own. */
const ownerOf = (name: string): string => name.slice(0, name.lastIndexOf('/'))

const withoutOrigin = ({ name, role, passwordHash }: OperatorSetup): OperatorSetup => ({
  name,
  role,
  passwordHash,
})
