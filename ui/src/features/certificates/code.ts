/**
 * How a typed code will be read: upper case, Cyrillic look-alikes as Latin, groups of four.
 * Only a picture for whoever types; the desk folds the code itself.
 */
const lookAlikes: Record<string, string> = {
  А: "A",
  В: "B",
  Е: "E",
  К: "K",
  М: "M",
  Н: "H",
  О: "O",
  Р: "P",
  С: "C",
  Т: "T",
  У: "Y",
  Х: "X",
};

export function foldCode(typed: string): string {
  const signs = [...typed.toUpperCase()].map((sign) => lookAlikes[sign] ?? sign).filter((sign) => /[\p{L}\d]/u.test(sign));
  return (signs.join("").match(/.{1,4}/gu) ?? []).join("-");
}
