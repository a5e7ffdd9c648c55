import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import type { DeviceSheet } from '../../src/core/device-view.ts'
import type { SiteKey } from '../../src/core/fleet.ts'
import type { DeviceView } from '../../src/core/operations.ts'
import { type Answer, ask } from '../box.ts'
import { Check } from '../parts/check.tsx'
import { Dialog } from '../parts/dialog.tsx'
import { Form } from '../parts/form.tsx'
import { Icon } from '../parts/icon.tsx'
import { isSiteKey } from '../parts/managed.tsx'
import { tell, tellTrouble, tellWithUndo } from '../parts/notice.tsx'
import { useSubmit } from '../parts/use-submit.ts'
import { go } from '../router.ts'
import { formatDate, formatSpan } from '../words/formats.ts'
import { t } from '../words/language.ts'
import type { DeviceKnown } from './device.tsx'
import { changeDevice } from './device-change.ts'
import { deviceApi, deviceTab } from './device-places.ts'

type Question = 'rotate' | 'replace' | 'remove'

interface ActionsProps {
  readonly known: DeviceKnown
  readonly device: DeviceView
  /** Undefined: not known yet. */
  readonly sheet: DeviceSheet | undefined
}

const undoMs = 10_000

/** What may be done with a device as a whole; what can not be taken back asks first. */
export function DeviceActions({ known, device, sheet }: ActionsProps) {
  const [question, setQuestion] = useState<Question | undefined>(undefined)
  const { name } = known
  const reload = () => {
    known.seen.reload()
    known.sheet.reload()
  }
  const close = () => setQuestion(undefined)
  const isLocked = known.managed !== undefined
  const isOpen = (key: SiteKey): boolean => isSiteKey(known.managed, name, key)
  const enable = async (isOn: boolean): Promise<Answer<unknown>> => {
    const answer = await changeDevice(name, { enabled: isOn }, undefined)
    reload()
    return answer
  }
  const turn = async () => {
    const answer = await enable(!device.enabled)
    if (answer.kind === 'failed') tellTrouble(answer.sentence)
    else
      tellWithUndo(t(device.enabled ? 'device.switched-off' : 'device.resumed', { name }), undoMs, () =>
        enable(device.enabled),
      )
  }
  return (
    <section>
      {sheet && !isLocked && <Limit name={name} sheet={sheet} onDone={reload} />}
      {sheet?.replacement && (
        <p class="good-box">{t('device.replacing', { span: formatSpan(sheet.replacement.leftMs) })}</p>
      )}
      <p class="actions">
        {device.hasPassword && isOpen('password') && (
          <button type="button" onClick={() => setQuestion('rotate')}>
            <Icon name="key" />
            {t('device.rotate')}
          </button>
        )}
        {device.hasPassword && isOpen('mac') && isOpen('addresses') && (
          <button type="button" onClick={() => setQuestion('replace')}>
            <Icon name="refresh" />
            {t('device.replace')}
          </button>
        )}
        {!isLocked && (
          <>
            <button type="button" onClick={turn}>
              <Icon name={device.enabled ? 'pause' : 'play'} />
              {t(device.enabled ? 'device.pause' : 'device.resume')}
            </button>
            <button type="button" class="danger" onClick={() => setQuestion('remove')}>
              <Icon name="trash" />
              {t('device.remove')}
            </button>
          </>
        )}
      </p>
      {question === 'rotate' && <Rotate name={name} onClose={close} />}
      {question === 'replace' && <Replace name={name} onClose={close} onDone={reload} />}
      {question === 'remove' && <Remove name={name} onClose={close} />}
    </section>
  )
}

interface LimitProps {
  readonly name: string
  readonly sheet: DeviceSheet
  readonly onDone: () => void
}

/** Twice as much, for a day on which the whole archive is scanned. */
function Limit({ name, sheet: { effective, settings }, onDone }: LimitProps) {
  const perHour = effective.maxPerHour * 2
  const raise = async () => {
    const answer = await ask('POST', deviceApi(name, 'limit'), { body: { perHour } })
    if (answer.kind === 'failed') tellTrouble(answer.sentence)
    else tell(t('device.raise-explain', { count: perHour }))
    onDone()
  }
  return (
    <p class="actions">
      {settings.raised_until !== '' && (
        <bdi>
          {t('device.raised', { count: settings.raised_per_hour, day: formatDate(settings.raised_until) })}
        </bdi>
      )}
      <button type="button" onClick={raise}>
        {t('device.raise')}
      </button>
      <span class="hint">{t('device.raise-explain', { count: perHour })}</span>
    </p>
  )
}

interface QuestionProps {
  readonly name: string
  readonly onClose: () => void
}

function Rotate({ name, onClose }: QuestionProps) {
  const [strong, setStrong] = useState(false)
  return (
    <Ask
      title={t('device.rotate')}
      explain={t('device.rotate-explain')}
      submit={t('device.rotate-go')}
      onClose={onClose}
      act={() => ask('POST', deviceApi(name, 'rotate'), { body: { strong } })}
      onDone={() => {
        tell(t('device.rotated'))
        location.hash = deviceTab(name, 'card')
      }}
    >
      <Check label={t('device.rotate-strong')} isOn={strong} onChange={setStrong} />
    </Ask>
  )
}

function Replace({ name, onClose, onDone }: QuestionProps & { readonly onDone: () => void }) {
  return (
    <Ask
      title={t('device.replace')}
      explain={t('device.replace-explain')}
      submit={t('device.replace-go')}
      onClose={onClose}
      act={() => ask('POST', deviceApi(name, 'replace'))}
      onDone={onDone}
    />
  )
}

function Remove({ name, onClose }: QuestionProps) {
  return (
    <Ask
      title={t('device.remove')}
      explain={t('device.remove-explain', { name })}
      submit={t('device.remove-go')}
      onClose={onClose}
      act={() => ask('DELETE', deviceApi(name))}
      onDone={() => {
        tell(t('device.removed', { name }))
        go('devices')
      }}
    />
  )
}

interface AskProps {
  readonly title: string
  readonly explain: string
  readonly submit: string
  readonly act: () => Promise<Answer<unknown>>
  readonly onDone: () => void
  readonly onClose: () => void
  readonly children?: ComponentChildren
}

function Ask({ title, explain, submit, act, onDone, onClose, children }: AskProps) {
  const sending = useSubmit(act, () => {
    onClose()
    onDone()
  })
  return (
    <Dialog title={title} onClose={onClose}>
      <p>
        <bdi>{explain}</bdi>
      </p>
      <Form
        label={title}
        submit={submit}
        isBusy={sending.isBusy}
        trouble={sending.trouble}
        onSubmit={sending.submit}
      >
        {children}
      </Form>
    </Dialog>
  )
}
