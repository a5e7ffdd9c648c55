import type { answers as source } from '../en/answers.ts'
import type { Translation } from '../words.ts'

export const answers: Translation<typeof source> = {
  'answer.wrong-claim-code': 'Il codice di presa in carico è un altro.',
  'answer.wrong-password': 'Il nome o la password è sbagliato.',
  'answer.wrong-present-password': 'Questa non è la Sua password attuale.',
  'answer.wrong-code': 'Questo codice è sbagliato o è già stato usato.',
  'answer.too-many-guesses': 'Da qui ne sono arrivati troppi sbagliati: riprovare tra 4 secondi.',
  'answer.too-busy': 'In questo momento accedono in molti: riprovare tra 2 secondi.',
  'answer.begin-again':
    'È passato troppo tempo o ci sono stati troppi tentativi: ricominciare con nome e password.',
  'answer.pass-over':
    'Questo link è già stato usato, è troppo vecchio o è stato ritirato: chiederne un altro.',
  'answer.backup-after-reset':
    'Questo box è stato reimpostato: il file contiene le impostazioni, ma né la posta né la chiave dei segreti. Una copia completa si fa con un comando sul box.',
}
