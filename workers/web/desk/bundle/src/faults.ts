// What went wrong, in words, where the page is.

import { Refused, Unreachable } from "./api";
import { tell } from "./dom";
import { t, tSlug } from "./text";

function inWords(fault: Refused): string {
  const type = String(fault.body.type ?? "").split(":").at(-1);
  if (type === "stale-revision") return t("fault.changed");
  if (type === "undo-blocked") {
    const fields = (fault.body.fields as string[] | undefined) ?? [];
    return t("fault.undo-blocked", { fields: fields.map((field) => tSlug("field", field)).join(", ") });
  }
  return t("fault.refused", { why: fault.message });
}

// Tells a fault, and returns whether the page is older than what the server has. What is no refusal is a bug.
export function tellFault(fault: unknown): { stale: boolean } {
  if (fault instanceof Unreachable) tell(t("fault.unreachable"), "fault");
  else if (!(fault instanceof Refused)) throw fault;
  else if (fault.status === 401) tell(t("fault.signed-out"), "fault");
  else if (fault.status === 403) tell(t("fault.not-allowed"), "fault");
  else tell(inWords(fault), "fault");
  return { stale: fault instanceof Refused && fault.status === 409 };
}
