import { useId, useState } from 'preact/hooks'
import { isPem, type PemExtract, textOf } from '../../src/core/pem.ts'
import { t } from '../words/language.ts'
import { Labelled } from './form.tsx'

interface PemFieldProps {
  readonly label: string
  /** PEM, or the name of a file on the box, which only a setup document can say. */
  readonly value: string
  /** The box has a secret there that it does not show. */
  readonly isKept?: boolean
  readonly extract: (text: string) => PemExtract
  readonly trouble?: string | undefined
  readonly onInput: (pem: string) => void
}

/** Certificates out of a file of whoever sits there: nobody can put one on a closed box. */
export function PemField({ label, value, isKept = false, extract, trouble, onInput }: PemFieldProps) {
  const id = useId()
  const [told, setTold] = useState('')
  const [wrong, setWrong] = useState<string>()
  const take = async (file: File | undefined): Promise<void> => {
    if (!file) return
    const found = extract(textOf(new Uint8Array(await file.arrayBuffer())))
    setWrong(found.kind === 'refused' ? `${file.name}: ${found.reason}` : undefined)
    if (found.kind === 'refused') return
    setTold(found.ignored === '' ? '' : t('pem.ignored', { what: found.ignored }))
    onInput(found.pem)
  }
  const isThere = isPem(value) || (isKept && value === '')
  return (
    <Labelled
      id={id}
      label={label}
      hint={isThere ? `${t('pem.here')} ${told}`.trim() : value}
      trouble={wrong ?? trouble}
    >
      <input
        id={id}
        type="file"
        accept=".pem,.crt,.cer,.der,.key,.txt"
        aria-describedby={`${id}-hint ${id}-trouble`}
        onChange={({ currentTarget }) => take(currentTarget.files?.[0])}
      />
    </Labelled>
  )
}
