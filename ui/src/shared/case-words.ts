/** Words of cases («обращения») and their terms. Keyed by the wire's types: nothing can be left unsaid. */
import { clock, daysBetween, fullDate, localDate, span } from "./time";
import { counted } from "./words";
import type { CaseDueView, CaseKind, CaseMove, CaseStatus, EraseGround, ExportReason, IncidentKind, Level, TermKind } from "../wire/wire";
import type { Tone } from "./ui/tone";

export const caseKind: Record<CaseKind, string> = {
  access: "Запрос сведений о себе",
  rectification: "Данные неверны",
  withdrawal: "Отзыв согласия",
  stop_processing: "Прекратить обработку",
  destruction: "Уничтожить данные",
  unlawful_processing: "Обработка неправомерна",
  claim: "Претензия",
  claim_money: "Претензия: вернуть деньги",
  disclosure_authority: "Запрос органа",
  disclosure_permission: "Сведения по разрешению",
  incident: "Утрата или разглашение",
  destruction_act: "Акт об уничтожении",
  unknown: "Вид не знает эта версия",
};
/** In the order of the dialog: what comes to a desk most often first. */
export const caseKinds: readonly CaseKind[] = [
  "access",
  "rectification",
  "withdrawal",
  "stop_processing",
  "destruction",
  "unlawful_processing",
  "claim",
  "claim_money",
  "disclosure_authority",
  "disclosure_permission",
  "incident",
];
/** Kinds that block at once, if the person has a card. */
export const disputes: readonly CaseKind[] = ["rectification", "destruction", "unlawful_processing"];
/** Kinds that are not answered before it is known who asks. */
/** Why the data of whoever asked go; none: a case of this kind does not ask for it. */
export const erasedFor: Partial<Record<CaseKind, EraseGround>> = {
  withdrawal: "withdrawn",
  stop_processing: "demanded",
  destruction: "demanded",
  unlawful_processing: "unlawful",
};

export const asksIdentity = (kind: CaseKind): boolean => !["claim", "claim_money", "disclosure_authority", "incident", "destruction_act", "unknown"].includes(kind);

export const incidentKind: Record<IncidentKind, string> = {
  lost_computer: "Потерян или украден компьютер",
  wrong_person: "Сказали или отправили не тому",
  unauthorised_access: "Смотрел тот, кому нельзя",
  leaked_outside: "Утекло с сайта или у подрядчика",
  lost_paper: "Потеряна бумага",
  unknown: "Не знает эта версия",
};
/** In the order of the dialog. */
export const incidentKinds: readonly IncidentKind[] = ["lost_computer", "wrong_person", "unauthorised_access", "leaked_outside", "lost_paper"];
/** Whose data it is taken to be. */
export const incidentWhose: Record<IncidentKind, string> = {
  lost_computer: "Затронуты все, чьи карточки были на компьютере. Сразу отпустите рабочее место: «Ключи и копии», «Рабочие места».",
  wrong_person: "Назовите, чьи данные ушли не тому.",
  unauthorised_access: "Назовите людей или укажите время: посчитаем тех, чьи карточки открывали на этом месте.",
  leaked_outside: "Затронуты все, чьи данные пришли с сайта, если никого не назвать.",
  lost_paper: "Назовите, чьи данные были на бумаге.",
  unknown: "",
};
export const eraseGround: Record<EraseGround, string> = {
  term_over: "Цель достигнута, срок хранения истёк",
  withdrawn: "Согласие отозвано",
  demanded: "Требование человека",
  unlawful: "Обработка неправомерна",
  unknown: "Не знает эта версия",
};
export const exportReason: Record<ExportReason, string> = {
  asked: "Просит сам человек",
  authority: "Запрос органа",
  court: "Суд",
  duty: "Обязанность клиники: учёт, смена системы",
  sending: "Рассылка тем, кто согласился",
};

export const caseStatus: Record<CaseStatus, { label: string; tone: Tone }> = {
  registered: { label: "Принято", tone: "accent" },
  identity_checked: { label: "Личность проверена", tone: "info" },
  in_work: { label: "В работе", tone: "info" },
  extended: { label: "Срок продлён", tone: "warn" },
  answered: { label: "Ответ готов", tone: "info" },
  refused: { label: "Отказ готов", tone: "info" },
  delivered: { label: "Ответ передан", tone: "ok" },
  first_notice_sent: { label: "РКН уведомлён", tone: "info" },
  inquiry: { label: "Расследуется", tone: "info" },
  second_notice_sent: { label: "Итог в РКН", tone: "info" },
  subjects_notified: { label: "Люди уведомлены", tone: "info" },
  closed: { label: "Закрыто", tone: "idle" },
  unknown: { label: "Не знает эта версия", tone: "idle" },
};

/** `verb` is on the button, `done` in the history; `words` names the field that is filled in, `must` that it has to be. */
export const caseMove: Record<CaseMove, { verb: string; done: string; words: string; must: boolean }> = {
  check_identity: { verb: "Личность проверена…", done: "Личность проверена", words: "Какой документ показали", must: true },
  take_up: { verb: "Взять в работу", done: "Взято в работу", words: "Кому передано", must: false },
  extend: { verb: "Продлить срок…", done: "Срок продлён", words: "Причина: она войдёт в уведомление", must: true },
  answer: { verb: "Ответ готов…", done: "Ответ готов", words: "Что ответили", must: true },
  refuse: { verb: "Отказать…", done: "Отказ готов", words: "Причина и норма, на которой стоит отказ", must: true },
  deliver: { verb: "Ответ передан…", done: "Ответ передан", words: "Как передан: лично, письмом, № отправления", must: false },
  first_notice: { verb: "РКН уведомлён…", done: "Первое уведомление РКН отправлено", words: "Номер и ключ уведомления", must: false },
  inquire: { verb: "Начать расследование", done: "Начато расследование", words: "Кто расследует", must: false },
  second_notice: { verb: "Итог отправлен в РКН…", done: "Итог расследования отправлен в РКН", words: "Номер уведомления", must: false },
  notify_subjects: { verb: "Люди уведомлены…", done: "Люди уведомлены", words: "Как и скольких уведомили", must: false },
  close: { verb: "Закрыть", done: "Закрыто", words: "", must: false },
  hold: { verb: "Спор в суде…", done: "Спор в суде: ничего не уничтожать", words: "Номер дела, суд", must: true },
  release: { verb: "Спор окончен…", done: "Спор окончен", words: "Чем окончен", must: true },
  unknown: { verb: "Не знает эта версия", done: "Шаг не знает эта версия", words: "", must: false },
};
/** Moves that need no dialog. */
export const plainMoves: readonly CaseMove[] = ["take_up", "inquire", "close"];

export const term: Record<TermKind, string> = {
  subject_access: "ответ на запрос",
  rectify: "исправить и снять блокирование",
  destroy_shown: "уничтожить",
  stop_unlawful: "прекратить нарушение",
  destroy_unlawful: "уничтожить полученное неправомерно",
  stop_processing: "прекратить обработку",
  withdraw_destroy: "уничтожить после отзыва",
  purpose_destroy: "уничтожить: цель достигнута",
  authority_request: "ответ органу",
  leak_first: "первое уведомление РКН",
  leak_result: "итог расследования в РКН",
  leak_subjects: "уведомить людей",
  claim_policy: "ответ на претензию",
  claim_money: "вернуть деньги или отказать",
  ad_stop: "прекратить рекламу",
  block: "заблокировать",
  act_keep: "хранить акт",
};

export const levelTone: Record<Level, Tone> = { calm: "ok", half: "warn", pressing: "bad", overdue: "bad" };

/** The traffic light in words. */
export function dueWords(due: CaseDueView, now: number, zone: string): string {
  const until = Date.parse(due.until);
  if (due.met_at) return `сделано ${fullDate(localDate(due.met_at, zone))}${due.level === "overdue" ? ", с опозданием" : ""}`;
  if (due.day === null) return until <= now ? `просрочено на ${span(now - until)}` : `осталось ${span(until - now)}`;
  const left = daysBetween(localDate(now, zone), due.day);
  if (left < 0) return `просрочено на ${counted(-left, "день", "дня", "дней")}`;
  if (left === 0) return "сегодня последний день";
  return left === 1 ? "завтра последний день" : `осталось ${counted(left, "день", "дня", "дней")}`;
}

/** By when: «по 23.12.2026», «до 24.11.2026, 09:00». */
export function dueDate(due: CaseDueView, zone: string): string {
  if (due.day === null) return `до ${fullDate(localDate(due.until, zone))}, ${clock(due.until, zone)}`;
  return `по ${fullDate(due.day)}${due.provisional ? " (предварительно)" : ""}`;
}

