// The part of Azure that the paste speaks to: state by kind and id, changed and asked by az command lines.

export interface AzResult {
  readonly status: number
  /** What az would print as JSON; undefined: nothing. */
  readonly data?: unknown
  readonly error?: string
}

type Options = Readonly<Record<string, string>>
type Thing = Record<string, unknown>
type Command = (options: Options) => AzResult

const ok = (data?: unknown): AzResult => ({ status: 0, data })
const refused = (error: string): AzResult => ({ status: 1, error: `ERROR: ${error}` })
const notFound = (what: string): AzResult => ({
  status: 3,
  error: `ERROR: (ResourceNotFound) The Resource '${what}' was not found.`,
})

export interface FakeAzureOptions {
  /** Microsoft makes no communication resource for this tenant any more. */
  readonly isClosed?: boolean
  /** Only DoNotReply may be made, as before a support ticket. */
  readonly refusesSenders?: boolean
  /** What fails where a sender is to be made, by a reason of its own. */
  readonly senderFailure?: string
  readonly zones?: readonly string[]
}

const tenant = '11111111-1111-4111-8111-111111111111'
const subscription = '22222222-2222-4222-8222-222222222222'
const exchangeApp = '00000002-0000-0ff1-ce00-000000000000'
const graphApp = '00000003-0000-0000-c000-000000000000'

export class FakeAzure {
  /** `kind id`, to what is known of it. */
  readonly things = new Map<string, Thing>()
  /** Commands that changed something, in order. */
  readonly changes: string[] = []
  /** The next command that begins so fails once, as when the line breaks. */
  failOnce = ''
  readonly #options: FakeAzureOptions
  #count = 0

  constructor(options: FakeAzureOptions = {}) {
    this.#options = options
    for (const zone of options.zones ?? [])
      this.things.set(`zone ${zone}`, { name: zone, resourceGroup: 'dns' })
    const permission = (value: string) => ({ value, id: `role-of-${value}` })
    const exchange = [permission('SMTP.SendAsApp'), permission('Mail.Send')]
    this.things.set(`sp ${exchangeApp}`, { id: 'exchange-object', appId: exchangeApp, appRoles: exchange })
    this.things.set(`sp ${graphApp}`, {
      id: 'graph-object',
      appId: graphApp,
      appRoles: [permission('Mail.Send')],
    })
  }

  /** Answers one command line, without the word `az`. */
  run(args: readonly string[]): AzResult {
    const first = args.findIndex((word) => word.startsWith('-'))
    const name = args.slice(0, first < 0 ? args.length : first).join(' ')
    if (this.failOnce !== '' && name.startsWith(this.failOnce)) {
      this.failOnce = ''
      return refused('Connection aborted.')
    }
    const options = optionsOf(args.slice(name.split(' ').length))
    const before = JSON.stringify([...this.things])
    const result = (this.#commands[name] ?? (() => ({ status: 2, error: `az: '${name}' is no command` })))(
      options,
    )
    if (JSON.stringify([...this.things]) !== before) this.changes.push(name)
    return result
  }

  #all(kind: string): Thing[] {
    return [...this.things].filter(([key]) => key.startsWith(`${kind} `)).map(([, thing]) => thing)
  }

  #show(kind: string, id: string): AzResult {
    const thing = this.things.get(`${kind} ${id}`)
    return thing === undefined ? notFound(id) : ok(thing)
  }

  #make(kind: string, id: string, thing: Thing): AzResult {
    this.things.set(`${kind} ${id}`, thing)
    return ok(thing)
  }

  #remove(kind: string, id: string): AzResult {
    return this.things.delete(`${kind} ${id}`) ? ok() : notFound(id)
  }

  #newId(): string {
    this.#count += 1
    return `33333333-3333-4333-8333-${String(this.#count).padStart(12, '0')}`
  }

  readonly #commands: Readonly<Record<string, Command>> = {
    'account show': () => ok({ tenantId: tenant, id: subscription, name: 'Contoso' }),
    'provider show': ({ namespace }) => {
      const isRegistered = this.things.has(`provider ${namespace}`)
      return ok({ registrationState: isRegistered ? 'Registered' : 'NotRegistered' })
    },
    'provider register': ({ namespace = '' }) => this.#make('provider', namespace, {}),
    'group show': ({ name = '' }) => this.#show('group', name),
    'group create': ({ name = '', location, tags }) => this.#make('group', name, { name, location, tags }),

    'communication list': () => ok(this.#all('acs')),
    'communication show': ({ name = '' }) => this.#show('acs', name),
    'communication create': ({ name = '', 'resource-group': group, 'data-location': dataLocation }) => {
      if (this.#options.isClosed)
        return refused('(ResourceCreationNotAllowed) New customers can not create this resource.')
      const id = `/subscriptions/${subscription}/resourceGroups/${group}/providers/Microsoft.Communication/communicationServices/${name}`
      const hostName = `${name}.europe.communication.azure.com`
      return this.#make('acs', name, {
        id,
        name,
        resourceGroup: group,
        dataLocation,
        hostName,
        linkedDomains: null,
      })
    },
    'communication update': ({ name = '', 'linked-domains': ids = '' }) =>
      this.#make('acs', name, { ...this.things.get(`acs ${name}`), linkedDomains: ids.split(' ') }),
    'communication email list': ({ 'resource-group': group }) =>
      ok(this.#all('email').filter((each) => each['resourceGroup'] === group)),
    'communication email create': ({ name = '', 'resource-group': group, 'data-location': dataLocation }) =>
      this.#make('email', name, { name, resourceGroup: group, dataLocation }),

    'communication email domain show': ({ 'domain-name': name = '' }) => this.#show('domain', name),
    'communication email domain create': ({ 'domain-name': name = '', 'email-service-name': service }) =>
      this.#make('domain', name, newDomain(name, String(service))),
    'communication email domain initiate-verification': (options) => this.#verify(options),
    'communication email domain sender-username show': ({ 'domain-name': domain, 'sender-username': name }) =>
      this.#show('sender', `${name}@${domain}`),
    'communication email domain sender-username create': ({
      'domain-name': domain,
      'sender-username': name,
      'display-name': displayName,
    }) =>
      this.#options.senderFailure !== undefined && name !== 'DoNotReply'
        ? refused(this.#options.senderFailure)
        : this.#options.refusesSenders && name !== 'DoNotReply'
          ? refused('(ResourceCreationFailed) ResourceCreationFailed: Forbidden')
          : this.#make('sender', `${name}@${domain}`, { username: name, displayName }),

    'communication smtp-username show': ({ 'smtp-username': name = '' }) => this.#show('smtp', name),
    'communication smtp-username create': ({
      'smtp-username': name = '',
      username,
      'entra-application-id': app,
    }) => this.#make('smtp', name, { username, entraApplicationId: app }),
    'communication smtp-username delete': ({ 'smtp-username': name = '' }) => this.#remove('smtp', name),

    'network dns zone list': () => ok(this.#all('zone')),
    'network dns record-set txt show': ({ 'zone-name': zone, name }) =>
      this.#show('record', `TXT ${name} ${zone}`),
    'network dns record-set txt add-record': ({ 'zone-name': zone, 'record-set-name': name, value }) => {
      const id = `TXT ${name} ${zone}`
      const held = this.things.get(`record ${id}`)?.['TXTRecords']
      return this.#make('record', id, {
        TXTRecords: [...(Array.isArray(held) ? held : []), { value: [value] }],
      })
    },
    'network dns record-set cname set-record': ({ 'zone-name': zone, 'record-set-name': name, cname }) =>
      this.#make('record', `CNAME ${name} ${zone}`, { cname }),

    'ad app list': ({ filter = '' }) =>
      ok(this.#all('app').filter(({ displayName }) => filter === `displayName eq '${displayName}'`)),
    'ad app create': ({ 'display-name': displayName }) => {
      const appId = this.#newId()
      return this.#make('app', appId, {
        appId,
        id: `object-${appId}`,
        displayName,
        notes: null,
        certificates: [],
      })
    },
    'ad app show': ({ id = '' }) => this.#show('app', id),
    'ad app delete': ({ id = '' }) => {
      this.things.delete(`sp ${id}`)
      return this.#remove('app', id)
    },
    'ad app credential list': ({ id = '' }) => ok(this.things.get(`app ${id}`)?.['certificates']),
    'ad app credential reset': (options) => this.#addCertificate(options),
    'ad sp show': ({ id = '' }) => this.#show('sp', id),
    'ad sp create': ({ id = '' }) => this.#make('sp', id, { id: `principal-${id}`, appId: id }),

    'role definition list': ({ name = '' }) =>
      ok(this.#all('role').filter(({ roleName }) => roleName === name)),
    'role definition create': ({ 'role-definition': text = '' }) => {
      const { Name: roleName, Actions: actions, AssignableScopes: scopes } = JSON.parse(text)
      return this.#make('role', roleName, { roleName, actions, scopes })
    },
    'role assignment list': ({ assignee, role, scope }) =>
      ok(
        this.#all('assignment').filter(
          (each) =>
            each['principal'] === assignee &&
            (role === undefined || each['role'] === role) &&
            (scope === undefined || each['scope'] === scope),
        ),
      ),
    'role assignment create': ({ 'assignee-object-id': principal, role = '', scope }) =>
      role.startsWith('Inkpost') && !this.things.has(`role ${role}`)
        ? refused(`Role '${role}' doesn't exist.`)
        : this.#make('assignment', `${principal} ${role} ${scope}`, {
            id: `${scope}/assignment/${this.#newId()}`,
            principal,
            role,
            scope,
          }),
    'role assignment delete': ({ ids }) => {
      const [key] = [...this.things].find(([, { id }]) => id === ids) ?? []
      return key !== undefined && this.things.delete(key) ? ok() : notFound(String(ids))
    },

    'storage account list': () => ok(this.#all('storage')),
    'storage account create': ({ name = '', 'resource-group': group }) =>
      this.#make('storage', name, {
        name,
        id: `/subscriptions/${subscription}/resourceGroups/${group}/providers/Microsoft.Storage/storageAccounts/${name}`,
      }),
    'eventgrid event-subscription show': ({ name, 'source-resource-id': source }) =>
      this.#show('event', `${name} ${source}`),
    'eventgrid event-subscription create': ({
      name,
      'source-resource-id': source,
      endpoint,
      'included-event-types': types,
    }) => this.#make('event', `${name} ${source}`, { endpoint, types, filter: { advancedFilters: null } }),
    'eventgrid event-subscription update': ({
      name,
      'source-resource-id': source,
      'advanced-filter': filter = '',
    }) => {
      const [key, operatorType, ...values] = filter.split(' ')
      const before = this.things.get(`event ${name} ${source}`)
      const advancedFilters = [{ key, operatorType, values }]
      return before === undefined
        ? notFound(String(name))
        : this.#make('event', `${name} ${source}`, { ...before, filter: { advancedFilters } })
    },
    'eventgrid event-subscription delete': ({ name, 'source-resource-id': source }) =>
      this.#remove('event', `${name} ${source}`),
    rest: (options) => this.#rest(options),
  }

  /** Verified at once where the record stands in a zone of this subscription, else never. */
  #verify({ 'domain-name': name = '', 'verification-type': type = '' }: Options): AzResult {
    const domain = this.things.get(`domain ${name}`)
    if (domain === undefined) return notFound(name)
    const held = JSON.stringify(this.#all('record'))
    const { value } = recordsOf(name)[type] ?? { value: 'none' }
    const status = held.includes(JSON.stringify(value)) ? 'Verified' : 'VerificationRequested'
    const states = { ...(domain['verificationStates'] as Thing), [type]: { status } }
    return this.#make('domain', name, { ...domain, verificationStates: states })
  }

  /** Every record is seen in DNS now. */
  publishDns(name: string): void {
    const status = 'Verified'
    const states = { Domain: { status }, SPF: { status }, DKIM: { status }, DKIM2: { status } }
    this.#make('domain', name, { ...this.things.get(`domain ${name}`), verificationStates: states })
  }

  #addCertificate({ id = '', cert = '', append, 'display-name': displayName }: Options): AzResult {
    const app = this.things.get(`app ${id}`)
    if (app === undefined) return notFound(id)
    const held = Array.isArray(app['certificates']) && append !== undefined ? app['certificates'] : []
    return this.#make('app', id, {
      ...app,
      certificates: [
        ...held,
        { displayName, customKeyIdentifier: null, pem: this.readFile(cert.replace(/^@/, '')) },
      ],
    })
  }

  /** Of the machine on which the paste runs. */
  readFile: (path: string) => string = () => ''

  #rest({ method, url = '', body = '' }: Options): AzResult {
    const [, principal] = /servicePrincipals\/(.*)\/appRoleAssignments$/.exec(url) ?? []
    const [, application] = /applications\/object-(.*)$/.exec(url) ?? []
    const path = url.split('?')[0] ?? ''
    if (principal !== undefined && method === 'get')
      return ok({ value: this.#all('grant').filter((each) => each['principalId'] === principal) })
    if (principal !== undefined)
      return this.#make('grant', `${principal} ${body}`, { id: this.#newId(), ...JSON.parse(body) })
    if (application !== undefined)
      return this.#make('app', application, { ...this.things.get(`app ${application}`), ...JSON.parse(body) })
    return method === 'put' ? this.#make('queue', path, { id: path }) : this.#show('queue', path)
  }
}

function optionsOf(args: readonly string[]): Options {
  const options: Record<string, string> = {}
  let name = ''
  for (const word of args) {
    if (word.startsWith('--')) {
      name = word.slice(2)
      options[name] = ''
    } else
      options[name] = options[name] === '' || options[name] === undefined ? word : `${options[name]} ${word}`
  }
  return options
}

const recordsOf = (
  domain: string,
): Readonly<Record<string, { type: string; name: string; value: string }>> => ({
  Domain: { type: 'TXT', name: domain, value: 'ms-domain-verification=1234' },
  SPF: { type: 'TXT', name: domain, value: 'v=spf1 include:spf.protection.outlook.com -all' },
  DKIM: {
    type: 'CNAME',
    name: 'selector1-azurecomm-prod-net._domainkey',
    value: 'selector1-azurecomm-prod-net._domainkey.azurecomm.net',
  },
  DKIM2: {
    type: 'CNAME',
    name: 'selector2-azurecomm-prod-net._domainkey',
    value: 'selector2-azurecomm-prod-net._domainkey.azurecomm.net',
  },
})

const newDomain = (name: string, service: string): Thing => {
  const status = 'NotStarted'
  return {
    name,
    id: `/subscriptions/${subscription}/emailServices/${service}/domains/${name}`,
    verificationRecords: recordsOf(name),
    verificationStates: { Domain: { status }, SPF: { status }, DKIM: { status }, DKIM2: { status } },
  }
}
