/** Words, colours and signs of everything that has a state. Keyed by the wire's types: nothing can be left unsaid. */
import Archive from "@lucide/svelte/icons/archive";
import Armchair from "@lucide/svelte/icons/armchair";
import Ban from "@lucide/svelte/icons/ban";
import CalendarCheck from "@lucide/svelte/icons/calendar-check";
import CalendarClock from "@lucide/svelte/icons/calendar-clock";
import CalendarPlus from "@lucide/svelte/icons/calendar-plus";
import CalendarX from "@lucide/svelte/icons/calendar-x";
import CircleCheck from "@lucide/svelte/icons/circle-check";
import CircleDot from "@lucide/svelte/icons/circle-dot";
import ClipboardCheck from "@lucide/svelte/icons/clipboard-check";
import Clock from "@lucide/svelte/icons/clock";
import Copy from "@lucide/svelte/icons/copy";
import FileCheck from "@lucide/svelte/icons/file-check";
import FileText from "@lucide/svelte/icons/file-text";
import FileX from "@lucide/svelte/icons/file-x";
import Gift from "@lucide/svelte/icons/gift";
import Hand from "@lucide/svelte/icons/hand";
import Hourglass from "@lucide/svelte/icons/hourglass";
import MessageSquare from "@lucide/svelte/icons/message-square";
import OctagonX from "@lucide/svelte/icons/octagon-x";
import Phone from "@lucide/svelte/icons/phone";
import PhoneCall from "@lucide/svelte/icons/phone-call";
import PhoneOff from "@lucide/svelte/icons/phone-off";
import ScanLine from "@lucide/svelte/icons/scan-line";
import Sparkles from "@lucide/svelte/icons/sparkles";
import UserCheck from "@lucide/svelte/icons/user-check";
import UserX from "@lucide/svelte/icons/user-x";
import type {
  AppointmentStatus,
  CallOutcome,
  CancelReason,
  Certainty,
  CertificateOrigin,
  CertificateStatus,
  CloseReason,
  LedgerKind,
  OutboxState,
  PaperStage,
  PersonSource,
  PhoneStatus,
  PhoneWarning,
  PrintPurpose,
  QuarantineReason,
  RequestKind,
  RequestStatus,
  Role,
} from "../wire/wire";
import type { Tone } from "./ui/tone";

export type Icon = typeof Phone;

export interface Label {
  label: string;
  tone: Tone;
  icon: Icon;
}

export const requestKind: Record<RequestKind, { label: string; icon: Icon }> = {
  callback: { label: "Обратный звонок", icon: Phone },
  booking: { label: "Запись", icon: CalendarPlus },
  certificate_order: { label: "Сертификат", icon: Gift },
  message: { label: "Сообщение", icon: MessageSquare },
};

export const requestStatus: Record<RequestStatus, Label> = {
  new: { label: "Новая", tone: "accent", icon: Sparkles },
  assigned: { label: "В работе", tone: "info", icon: Hand },
  retry_scheduled: { label: "Перезвонить", tone: "warn", icon: Clock },
  reached: { label: "Дозвонились", tone: "info", icon: PhoneCall },
  converted: { label: "Записан", tone: "ok", icon: CalendarCheck },
  closed_answered: { label: "Вопрос решён", tone: "ok", icon: CircleCheck },
  closed_refused: { label: "Отказ", tone: "idle", icon: Ban },
  closed_unreachable: { label: "Не удалось связаться", tone: "idle", icon: PhoneOff },
  closed_wrong_number: { label: "Неверный номер", tone: "idle", icon: PhoneOff },
  closed_not_requested: { label: "Заявку не оставляли", tone: "idle", icon: UserX },
  duplicate: { label: "Дубль", tone: "idle", icon: Copy },
  spam: { label: "Спам", tone: "idle", icon: OctagonX },
};

export const openStatuses: readonly RequestStatus[] = ["new", "assigned", "retry_scheduled", "reached"];

/** In the order of their digits: C, then 1–8. */
export const callOutcomes: readonly { value: CallOutcome; label: string; then: string }[] = [
  { value: "answered", label: "Дозвонились", then: "ждёт итога" },
  { value: "no_answer", label: "Нет ответа", then: "перезвонить" },
  { value: "busy", label: "Занято", then: "перезвонить" },
  { value: "voicemail", label: "Автоответчик", then: "перезвонить" },
  { value: "switched_off", label: "Выключен", then: "перезвонить" },
  { value: "wrong_person", label: "Не тот человек", then: "закрыть: неверный номер" },
  { value: "hang_up", label: "Сбросили", then: "перезвонить" },
  { value: "invalid_number", label: "Номер не существует", then: "закрыть: неверный номер" },
];

export const callOutcome: Record<CallOutcome, string> = {
  answered: "Дозвонились",
  no_answer: "Нет ответа",
  busy: "Занято",
  voicemail: "Автоответчик",
  switched_off: "Выключен",
  wrong_person: "Не тот человек",
  hang_up: "Сбросили",
  invalid_number: "Номер не существует",
};

export const closeReasons: readonly { value: CloseReason; label: string }[] = [
  { value: "answered", label: "Вопрос решён" },
  { value: "refused", label: "Отказ" },
  { value: "unreachable", label: "Не удалось связаться" },
  { value: "wrong_number", label: "Неверный номер" },
  { value: "not_requested", label: "Заявку не оставляли" },
  { value: "duplicate", label: "Дубль" },
  { value: "spam", label: "Спам" },
];

export const visitStatus: Record<AppointmentStatus, Label> = {
  proposed: { label: "Заявка на время", tone: "warn", icon: Hourglass },
  pending: { label: "Ждёт подтверждения", tone: "warn", icon: Hourglass },
  booked: { label: "Записан", tone: "accent", icon: CalendarClock },
  waitlist: { label: "Лист ожидания", tone: "idle", icon: Hourglass },
  arrived: { label: "Пришёл", tone: "info", icon: UserCheck },
  "checked-in": { label: "Оформлен", tone: "info", icon: ClipboardCheck },
  fulfilled: { label: "Приём состоялся", tone: "ok", icon: CircleCheck },
  cancelled: { label: "Отменена", tone: "idle", icon: CalendarX },
  noshow: { label: "Не явился", tone: "bad", icon: UserX },
  "entered-in-error": { label: "Ошибочная", tone: "idle", icon: Ban },
};

export const cancelReasons: readonly { value: CancelReason; label: string }[] = [
  { value: "patient", label: "Просит пациент" },
  { value: "clinic", label: "Отменяет клиника" },
  { value: "doctor_ill", label: "Врач болен" },
  { value: "not_confirmed", label: "Не подтвердил" },
  { value: "duplicate", label: "Дубль" },
  { value: "mistake", label: "Ошибка" },
];

export const cancelReason: Record<CancelReason, string> = {
  patient: "просил пациент",
  clinic: "отменила клиника",
  doctor_ill: "врач болен",
  not_confirmed: "не подтвердил",
  duplicate: "дубль",
  mistake: "ошибка",
};

export const certificateStatus: Record<CertificateStatus, Label> = {
  issued: { label: "Выпущен, не оплачен", tone: "warn", icon: Hourglass },
  active: { label: "Активен", tone: "ok", icon: CircleCheck },
  partially_redeemed: { label: "Частично использован", tone: "ok", icon: CircleDot },
  redeemed: { label: "Погашен", tone: "idle", icon: Ban },
  expired: { label: "Срок истёк, деньги возвращаются", tone: "warn", icon: Clock },
  refund_requested: { label: "Заявлен возврат", tone: "warn", icon: Hourglass },
  refunded: { label: "Возвращён", tone: "idle", icon: Ban },
  blocked: { label: "Заблокирован", tone: "bad", icon: OctagonX },
};

export const certificateOrigin: Record<CertificateOrigin, string> = { paid: "Оплачен", promo: "Подарен клиникой" };

export const ledgerKind: Record<LedgerKind, string> = {
  sale: "Продажа",
  redeem: "Списание",
  redeem_reversal: "Отмена списания",
  refund: "Возврат",
  correction: "Исправление",
};

export const personSource: Record<PersonSource, string> = {
  site: "с сайта",
  desk_walkin: "пришёл в клинику",
  desk_phone: "позвонил",
};

export const role: Record<Role, string> = {
  receptionist: "Администратор",
  senior: "Старший администратор",
  responsible: "Ответственный за данные",
  manager: "Управляющий",
};

export const phoneStatus: Record<PhoneStatus, string | null> = {
  valid: null,
  toll_free: "бесплатный номер",
  foreign: "иностранный номер",
  incomplete: "нет кода города",
  ambiguous: "неоднозначно — уточните",
  invalid: "не читается — наберите вручную",
};

export const phoneWarning: Record<PhoneWarning, string> = {
  plus_eight_read: "«+8» прочитано как «+7»",
  no_sms: "не принимает СМС",
  kazakhstan: "Казахстан",
  maybe_foreign: "возможно, номер другой страны",
  several_numbers: "указано несколько номеров",
  no_city_code: "нет кода города",
  too_short: "не хватает цифр",
  too_long: "лишние цифры",
  eight_inside_mask: "«8» внутри маски: последняя цифра потеряна",
  foreign_signs: "посторонние знаки",
};

export const certainty: Record<Certainty, { label: string; tone: Tone }> = {
  confirmed: { label: "подтверждено", tone: "ok" },
  saved: { label: "сохранено здесь, ждёт подтверждения", tone: "warn" },
  refused: { label: "отказано — см. «Не отправлено»", tone: "bad" },
};

export const outboxState: Record<OutboxState, { label: string; tone: Tone }> = {
  saved: { label: "Сохранено здесь, ждёт отправки", tone: "warn" },
  unknown: { label: "Отправлено, ответа ещё нет", tone: "warn" },
  refused: { label: "Отказано", tone: "bad" },
  held: { label: "Ждёт решения по предыдущему", tone: "idle" },
};

/** What a state of an action means for whoever did it. */
export const outboxMeaning: Record<OutboxState, string> = {
  saved: "Сохранено на этом компьютере и уйдёт само, как только сервер ответит. Ничего делать не нужно.",
  unknown:
    "Отправлено, но ответа пока нет: могло дойти, могло и нет. Отправим ещё раз под тем же номером — дважды не выполнится. До ответа менять и убирать нельзя.",
  refused: "Сервер этого не сделал, и на экранах действие не показано. Повторите, измените или уберите.",
  held: "Само действие в порядке: ждёт решения по предыдущему отказу о той же записи и уйдёт следом.",
};

export const quarantineReason: Record<QuarantineReason, string> = {
  broken_json: "Сайт прислал повреждённые или оборванные данные.",
  unknown_encoding: "Сайт прислал данные в незнакомом виде.",
  nothing_recognised: "Среди полей не нашлось ни имени, ни телефона, ни почты, ни сообщения.",
  naked_time: "Время прислано без часового пояса, а пояс сайта не указан.",
  other_currency: "Сертификат оплачен не в рублях.",
  reader_failed: "Программа не смогла разобрать данные.",
};

const verbs: Record<string, string> = {
  "request.claim": "Взять в работу",
  "request.release": "Вернуть в очередь",
  "request.log_call": "Звонок",
  "request.retract_call": "Отмена звонка",
  "request.link_person": "Связать с карточкой",
  "request.close": "Закрыть заявку",
  "request.reopen": "Вернуть заявку",
  "request.reread": "Перечитать заявку",
  "appointment.book": "Записать на приём",
  "appointment.move": "Перенести запись",
  "appointment.confirm": "Подтвердить запись",
  "appointment.arrive": "Отметить приход",
  "appointment.check_in": "Оформить",
  "appointment.fulfil": "Приём состоялся",
  "appointment.no_show": "Отметить неявку",
  "appointment.cancel": "Отменить запись",
  "appointment.restore": "Вернуть запись",
  "appointment.undo": "Отмена последней отметки",
  "person.put": "Карточка человека",
  "person.record_paper": "Отметка о печати",
  "person.paper_step": "Судьба листа",
  "person.retract_paper_step": "Отмена отметки о листе",
  "person.record_consent": "Согласие или отказ",
  "person.merge": "Объединение карточек",
  "person.unmerge": "Разъединение карточек",
  "person.block": "Блокирование данных",
  "person.unblock": "Снятие блокирования",
  "certificate.issue": "Продажа сертификата",
  "certificate.redeem": "Списание с сертификата",
  "certificate.reverse": "Отмена списания",
  "certificate.extend": "Продление сертификата",
  "certificate.block": "Блокирование сертификата",
  "certificate.unblock": "Разблокирование сертификата",
  "certificate.request_refund": "Заявление о возврате",
  "certificate.keep": "Отзыв заявления о возврате",
  "certificate.refund": "Возврат денег",
  "appointment.wish": "Лист ожидания",
  "case.put": "Обращение",
  "case.step": "Шаг обращения",
  "case.retract": "Отмена шага обращения",
  "staff.put": "Сотрудник",
  "staff.shift_start": "Начало смены",
  "staff.shift_end": "Конец смены",
  "staff.hand_over": "Записка сменщику",
  "staff.take_over": "Записка принята",
  "practitioner.put": "Врач",
  "clinic.put": "Настройки клиники",
};

export function verbWords(verb: string): string {
  return verbs[verb] ?? verb;
}

/* Short names for rows; the desk knows the whole ones. */
const forms: Record<string, string> = {
  consent_pd: "Согласие на обработку ПДн",
  consent_advertising: "Согласие на рекламу и новости",
  withdrawal: "Отзыв согласия",
  intervention_consent: "ИДС",
  intervention_consent_representative: "ИДС законного представителя",
  intervention_refusal: "Отказ от вмешательства",
  minor_contract_consent: "Согласие на договор с подростком",
  minor_escort_consent: "Согласие на сопровождение",
  subject_request: "Запрос о персональных данных",
  disclosure_permission: "Разрешение на раскрытие сведений",
  consumer_notice: "Уведомление потребителя",
  block_notice: "Уведомление о блокировании",
  unblock_notice: "Уведомление о снятии блокирования",
};

export const paperStage: Record<PaperStage, Label> = {
  prepared: { label: "Подготовлен", tone: "idle", icon: FileText },
  printed: { label: "Напечатан", tone: "warn", icon: FileText },
  handed_out: { label: "Выдан", tone: "warn", icon: Hand },
  signed: { label: "Подписан", tone: "ok", icon: FileCheck },
  refused: { label: "Не подписан: отказ", tone: "idle", icon: FileX },
  spoiled: { label: "Испорчен", tone: "bad", icon: FileX },
  scanned: { label: "Есть скан", tone: "ok", icon: ScanLine },
  filed: { label: "В архиве", tone: "ok", icon: Archive },
  unknown: { label: "Неизвестно", tone: "idle", icon: FileText },
};

export const printPurpose: Record<PrintPurpose, string> = {
  visit: "к приёму",
  desk: "по обращению",
  unknown: "цель не указана",
};

/** A file of the clinic's own has no short name: its title is given. */
export function formWords(form: string, title?: string): string {
  return forms[form] ?? title ?? form;
}

export const chairIcon = Armchair;
