import { useState } from 'preact/hooks'
import type { StickBundle } from '../../../src/core/machine-update.ts'
import type { UpdateSheet } from '../../../src/core/update-operations.ts'
import { ask } from '../../box.ts'
import { Action } from '../../parts/action.tsx'
import { Field, Form, Labelled } from '../../parts/form.tsx'
import { List } from '../../parts/list.tsx'
import { tell } from '../../parts/notice.tsx'
import { useSubmit } from '../../parts/use-submit.ts'
import { formatSize } from '../../words/formats.ts'
import { t } from '../../words/language.ts'
import { sendBundle } from './bundle-sending.ts'
import { foundVersion } from './update-state.tsx'

interface UpdateGetProps {
  readonly sheet: UpdateSheet
  readonly onChanged: () => void
}

/** The ways in which a bundle comes to the box. */
export function UpdateGet({ sheet, onChanged }: UpdateGetProps) {
  const isUpload = sheet.state.kind === 'fetching'
  return (
    <section class="card">
      <h2>{t('update.get')}</h2>
      <p>{t('update.get-line')}</p>
      {sheet.url !== '' && !isUpload && <FromIndex sheet={sheet} onChanged={onChanged} />}
      <details open={sheet.url === '' || isUpload}>
        <summary>{t('update.from-file')}</summary>
        <FromFile isBegun={isUpload} onChanged={onChanged} />
      </details>
      {!isUpload && (
        <>
          <details>
            <summary>{t('update.by-url')}</summary>
            <FromUrl onChanged={onChanged} />
          </details>
          <details>
            <summary>{t('update.sticks')}</summary>
            <FromStick onChanged={onChanged} />
          </details>
        </>
      )}
    </section>
  )
}

function FromIndex({ sheet, onChanged }: UpdateGetProps) {
  const newest = sheet.check?.newest ?? ''
  const isOffered = foundVersion(sheet) !== '' || newest === sheet.version
  return (
    <p class="actions">
      <Action
        label={t('update.check')}
        run={() => ask<{ newest: string }>('POST', '/update/check')}
        onDone={({ newest: version }) => {
          tell(t('update.checked', { version }))
          onChanged()
        }}
      />
      {newest !== '' && !isOffered && (
        <Action
          label={t('update.fetch', { version: newest })}
          run={() => ask('POST', '/update/fetch', { body: {} })}
          onDone={onChanged}
        />
      )}
    </p>
  )
}

interface FromFileProps {
  /** An upload is under way: of this page, or one that broke off. */
  readonly isBegun: boolean
  readonly onChanged: () => void
}

function FromFile({ isBegun, onChanged }: FromFileProps) {
  const [file, setFile] = useState<File | undefined>(undefined)
  const [percent, setPercent] = useState<number | undefined>(undefined)
  const [trouble, setTrouble] = useState('')
  const send = async () => {
    if (!file || percent !== undefined) return
    setTrouble('')
    setPercent(0)
    const sent = await sendBundle(file, setPercent)
    setPercent(undefined)
    if (sent.kind === 'failed') setTrouble(sent.sentence)
    onChanged()
  }
  return (
    <Form
      label={t('update.from-file')}
      submit={t('update.upload')}
      isBusy={percent !== undefined}
      trouble={trouble}
      onSubmit={send}
    >
      {isBegun && percent === undefined && <p>{t('update.resume')}</p>}
      <Labelled id="bundle-file" label={t('update.file')}>
        <input
          id="bundle-file"
          type="file"
          accept=".raucb"
          required
          onChange={({ currentTarget }) => setFile(currentTarget.files?.[0])}
        />
      </Labelled>
      {percent !== undefined && <p role="status">{t('update.sent', { percent: String(percent) })}</p>}
    </Form>
  )
}

function FromUrl({ onChanged }: Pick<UpdateGetProps, 'onChanged'>) {
  const [url, setUrl] = useState('')
  const { isBusy, trouble, submit } = useSubmit(
    (address: string) => ask('POST', '/update/fetch', { body: { url: address } }),
    onChanged,
  )
  return (
    <Form
      label={t('update.from-url')}
      submit={t('update.fetch-url')}
      isBusy={isBusy}
      trouble={trouble}
      onSubmit={() => submit(url)}
    >
      <Field label={t('update.from-url')} value={url} onInput={setUrl} inputMode="url" dir="ltr" required />
    </Form>
  )
}

function FromStick({ onChanged }: Pick<UpdateGetProps, 'onChanged'>) {
  const [bundles, setBundles] = useState<readonly StickBundle[] | undefined>(undefined)
  return (
    <>
      {bundles && (
        <List
          items={bundles}
          keyOf={({ storage, file }) => `${storage}/${file}`}
          empty={t('update.sticks-none')}
          label={t('update.sticks')}
        >
          {({ storage, model, file, octets }) => (
            <div class="row">
              <span class="row-text">
                <bdi>{file}</bdi>
                <span class="row-line">
                  <bdi>{model || storage}</bdi> {formatSize(octets)}
                </span>
              </span>
              <Action
                label={t('update.take')}
                run={() => ask('POST', '/update/fetch', { body: { stick: `${storage}/${file}` } })}
                onDone={onChanged}
              />
            </div>
          )}
        </List>
      )}
      <Action
        label={t('update.sticks-look')}
        run={() => ask<{ bundles: readonly StickBundle[] }>('GET', '/update/sticks')}
        onDone={(found) => setBundles(found.bundles)}
      />
    </>
  )
}
