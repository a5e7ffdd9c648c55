import { useState } from 'preact/hooks'
import type { MachinePorts } from '../../../src/core/machine-network.ts'
import { extractCertificates, extractKeyPair, type PemExtract } from '../../../src/core/pem.ts'
import type { RowChange } from '../../../src/core/setup-operations.ts'
import { ask } from '../../box.ts'
import { Action } from '../../parts/action.tsx'
import { Field, Form, Labelled, PasswordField } from '../../parts/form.tsx'
import { PemField } from '../../parts/pem-field.tsx'
import { useSubmit } from '../../parts/use-submit.ts'
import { tryNetwork } from '../../setup-edits.ts'
import { t } from '../../words/language.ts'
import { fieldsOf, isKept, type NetworkFields, type NetworkKey, networkKeys, rowOf } from './network-row.ts'

interface NetworkFormProps {
  readonly settings: RowChange | null
  readonly ports: MachinePorts
  readonly onBegun: () => void
}

export function NetworkForm({ settings, ports, onBegun }: NetworkFormProps) {
  const [fields, setFields] = useState<NetworkFields>(() => fieldsOf(settings))
  const { isBusy, trouble, troubleOf, submit } = useSubmit(
    () => tryNetwork(rowOf(fields, settings)),
    onBegun,
    networkKeys,
  )
  // What is set is shown at once, and stays as it was opened while somebody types.
  const [before] = useState(fields)
  const isFilled = (...keys: readonly NetworkKey[]) => keys.some((key) => before[key] !== '')
  const parts: Parts = {
    settings,
    fields,
    troubleOf,
    set: (key) => (value) => setFields((before) => ({ ...before, [key]: value })),
  }
  return (
    <section>
      <h2>{t('network.change')}</h2>
      <p>{t('network.explain')}</p>
      <Form
        label={t('network.change')}
        submit={t('network.try')}
        isBusy={isBusy}
        trouble={trouble}
        onSubmit={submit}
      >
        <Addresses {...parts} />
        <details open={isFilled('dns', 'ntp', 'vlan')}>
          <summary>{t('network.servers')}</summary>
          <Line parts={parts} name="dns" label={t('network.dns')} hint={t('network.several')} />
          <Line parts={parts} name="ntp" label={t('network.ntp')} hint={t('network.several')} />
          <Line parts={parts} name="vlan" label={t('network.vlan')} hint={t('network.vlan-hint')} />
        </details>
        <details open={isFilled('wifi.ssid')}>
          <summary>{t('network.wifi')}</summary>
          {ports.radio.length === 0 && <p class="hint">{t('network.no-radio')}</p>}
          {(ports.radio.length > 0 || settings?.['wifi'] !== undefined) && <Wifi {...parts} />}
        </details>
        <details open={isFilled('port_access.method')}>
          <summary>{t('network.port')}</summary>
          <PortAccess {...parts} />
        </details>
      </Form>
      {settings !== null && (
        <p class="buttons">
          <Action label={t('network.own')} run={() => ask('DELETE', '/network')} onDone={onBegun} />
        </p>
      )}
    </section>
  )
}

interface Parts {
  readonly settings: RowChange | null
  readonly fields: NetworkFields
  readonly troubleOf: (key: string) => string | undefined
  readonly set: (key: NetworkKey) => (value: string) => void
}

interface LineProps {
  readonly parts: Parts
  readonly name: NetworkKey
  readonly label: string
  readonly hint?: string
}

const Line = ({ parts: { fields, troubleOf, set }, name, label, hint }: LineProps) => (
  <Field
    label={label}
    hint={hint}
    value={fields[name]}
    trouble={troubleOf(name)}
    onInput={set(name)}
    dir="ltr"
  />
)

const Secret = ({ parts: { fields, troubleOf, set }, name, label, hint }: LineProps) => (
  <PasswordField
    label={label}
    hint={hint}
    value={fields[name]}
    trouble={troubleOf(name)}
    autocomplete="off"
    onInput={set(name)}
  />
)

interface PemProps extends LineProps {
  readonly extract: (text: string) => PemExtract
}

const Pem = ({ parts: { fields, settings, troubleOf, set }, name, label, extract }: PemProps) => (
  <PemField
    label={label}
    value={fields[name]}
    isKept={isKept(settings, name)}
    extract={extract}
    trouble={troubleOf(name)}
    onInput={set(name)}
  />
)

interface ChoiceProps extends LineProps {
  readonly options: readonly (readonly [value: string, label: string])[]
}

function Choice({ parts: { fields, troubleOf, set }, name, label, options }: ChoiceProps) {
  const id = `network-${name}`
  return (
    <Labelled id={id} label={label} trouble={troubleOf(name)}>
      <select
        id={id}
        value={fields[name]}
        aria-describedby={`${id}-trouble`}
        onChange={({ currentTarget }) => set(name)(currentTarget.value)}
      >
        {options.map(([value, words]) => (
          <option key={value} value={value}>
            {words}
          </option>
        ))}
      </select>
    </Labelled>
  )
}

function Addresses(parts: Parts) {
  const { method, ipv6 } = parts.fields
  return (
    <>
      <Choice
        parts={parts}
        name="method"
        label={t('network.method')}
        options={[
          ['dhcp', t('network.method-dhcp')],
          ['static', t('network.fixed')],
        ]}
      />
      {method === 'static' && (
        <>
          <Line parts={parts} name="address" label={t('network.address')} hint={t('network.address-hint')} />
          <Line parts={parts} name="gateway" label={t('network.router')} />
        </>
      )}
      <Choice
        parts={parts}
        name="ipv6"
        label="IPv6"
        options={[
          ['auto', t('network.ipv6-auto')],
          ['static', t('network.fixed')],
          ['off', t('network.off')],
        ]}
      />
      {ipv6 === 'static' && (
        <>
          <Line parts={parts} name="ipv6_address" label={t('network.ipv6-address')} hint="fd00:7::5/64" />
          <Line parts={parts} name="ipv6_gateway" label={t('network.ipv6-router')} />
        </>
      )}
    </>
  )
}

const Wifi = (parts: Parts) => (
  <>
    <Line parts={parts} name="wifi.ssid" label={t('network.ssid')} hint={t('network.ssid-hint')} />
    <Secret parts={parts} name="wifi.passphrase" label={t('network.passphrase')} hint={t('network.stays')} />
    <Line parts={parts} name="wifi.country" label={t('network.country')} hint={t('network.country-hint')} />
  </>
)

function PortAccess(parts: Parts) {
  const method = parts.fields['port_access.method']
  return (
    <>
      <Choice
        parts={parts}
        name="port_access.method"
        label={t('network.port-method')}
        options={[
          ['', t('network.off')],
          ['peap', 'PEAP'],
          ['eap-tls', 'EAP-TLS'],
        ]}
      />
      {method !== '' && (
        <>
          <Line parts={parts} name="port_access.identity" label={t('network.identity')} />
          <Pem
            parts={parts}
            name="port_access.ca_file"
            label={t('network.ca-file')}
            extract={extractCertificates}
          />
        </>
      )}
      {method === 'peap' && (
        <Secret
          parts={parts}
          name="port_access.password"
          label={t('network.password')}
          hint={t('network.stays')}
        />
      )}
      {method === 'eap-tls' && (
        <Pem
          parts={parts}
          name="port_access.certificate_file"
          label={t('network.certificate-file')}
          extract={extractKeyPair}
        />
      )}
    </>
  )
}
