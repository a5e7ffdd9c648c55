import type { fleet as source } from '../en/fleet.ts'
import type { Translation } from '../words.ts'

export const fleet: Translation<typeof source> = {
  'fleet.office': 'Sede centrale',
  'fleet.state-off': 'Questo box non ha una sede centrale: tutte le impostazioni sono sue.',
  'fleet.state-waiting': 'Per questo box non è stato ancora pubblicato nulla.',
  'fleet.state-current': 'Qui sono in vigore le impostazioni di {fleet} (versione {serial}).',
  'fleet.state-refused': 'L’ultima pubblicazione non è stata accettata. Resta in vigore la precedente.',
  'fleet.state-rolled-back':
    'L’ultima pubblicazione ha danneggiato questo box ed è stata annullata. È di nuovo in vigore la precedente.',
  'fleet.canary': 'Le nuove impostazioni si provano prima su questo box.',
  'fleet.managed': 'Gestito dalla sede centrale',
  'fleet.ask': 'Solo {contact} può modificarle.',
  'fleet.ask-office': 'Solo la sede centrale può modificarle.',
  'fleet.looked': 'Ultima consultazione',
  'fleet.told': 'Ultimo stato comunicato',
  'fleet.never': 'mai',
  'fleet.well': 'In ordine da',
  'fleet.not-well': 'non in ordine',
  'fleet.pull': 'Consulta ora',
  'fleet.pulled': 'La sede è stata consultata.',
  'fleet.identity': 'Identità per la sede',
  'fleet.identity-line': 'Con questa riga la sede sigilla i segreti per questo box. Non è segreta.',
  'fleet.identity-show': 'Mostra identità',
  'fleet.boxes': 'Altri box',
  'fleet.empty':
    'Questo box non ne elenca altri: lo fanno le righe [[fleet.box]] del documento di configurazione.',
  'fleet.mood-good': 'In ordine',
  'fleet.mood-warn': 'Da controllare',
  'fleet.mood-bad': 'Serve aiuto',
  'fleet.mood-silent': 'Muto',
  'fleet.seen': 'Ha risposto',
  'fleet.facts':
    'Allarmi: {alarms}, avvisi: {warnings}, messaggi in attesa: {waiting}, uscite in pausa: {paused}',
  'fleet.serial': 'versione {serial}',
  'fleet.row-alias': 'Alias',
  'fleet.row-device': 'Dispositivo',
  'fleet.row-upstream': 'Uscita',
  'fleet.row-backup': 'Backup',
  'fleet.join': 'Per aderire, scriva le righe [fleet] che le dà la sede in:',
  'fleet.mood-unknown': 'Si sta chiedendo',
  'fleet.last-known': 'Ciò che ha detto per ultimo:',
  'fleet.box-refused': 'Non ha accettato ciò che la sede ha pubblicato.',
  'fleet.box-rolled-back': 'Ha annullato ciò che la sede ha pubblicato.',
  'fleet.table-gateway': 'Nome, posta propria, reti',
  'fleet.table-listener': 'Porte per le stampanti',
  'fleet.table-large_files': 'File grandi',
  'fleet.reason-unreadable':
    'Questa versione non può leggere il pacchetto: aggiorni il box o lo faccia firmare di nuovo.',
  'fleet.reason-wrong-key':
    'Nessuna chiave fidata lo ha firmato. Confronti le chiavi pubbliche con la sede: forse altri controllano il server.',
  'fleet.reason-tampered': 'È stato modificato dopo la firma: la sede deve controllare il suo server.',
  'fleet.reason-older':
    'È più vecchio di ciò che questo box ha accettato: impostazioni più vecchie tornano con un numero più alto.',
  'fleet.reason-wrong-box': 'È per un altro box.',
  'fleet.reason-not-listed': 'La sede non ha nulla per un box con questo nome.',
  'fleet.reason-too-large': 'È più grande di ogni pacchetto: controlli che cosa fornisce davvero il server.',
  'fleet.reason-sealed':
    'Un segreto non si può aprire qui: la sede lo sigilli di nuovo per l’identità qui sotto.',
  'fleet.reason-rules': 'Non si adatta a questo box. Si riprova quando questo è corretto, lì o qui:',
  'fleet.reason-shut-out': 'Chiuderebbe fuori questa sede: la sede centrale deve correggere questo:',
  'fleet.reason-vault-locked': 'La cassaforte di questo box è chiusa: rimetta il vault.key giusto.',
  'fleet.reason-listener':
    'Con esso una porta per stampanti non si è aperta. La sede lo vede; qui non c’è nulla da fare.',
  'fleet.reason-cannot-send':
    'Con esso un’uscita che poteva inviare si è fermata. La sede lo vede; qui non c’è nulla da fare.',
  'fleet.reason-cut-off': 'Con esso la sede non era più raggiungibile, per via del suo proxy.',
  'fleet.table-limits': 'Limiti',
  'fleet.table-history': 'Cronologia',
  'fleet.table-console': 'Console',
  'fleet.table-alerts': 'Come si avvisano le persone',
  'fleet.state-unreached': 'La sede non è stata ancora consultata.',
}
