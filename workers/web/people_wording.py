"""Every text of the pages about people, in one catalogue, so that other languages can stand beside it."""

from __future__ import annotations

from typing import Final

SAY: Final = {
    "account": "Your account",
    "account_about": "You are signed in as",
    "action": "Action",
    "actions_of_roles": "What each role may do",
    "add": "Add",
    "add_person": "Add somebody",
    "address": "From",
    "audit": "Audit trail",
    "audit_about": "What people did, the latest first. Entries are only ever added. Times are UTC.",
    "audit_empty": "Nothing was done yet.",
    "change": "Change",
    "change_password": "Change the password",
    "choose_password": "Choose a password",
    "choose_password_why": "With a password you can sign in again without asking for a link.",
    "closed": "Closed",
    "closed_means": "Only people who are signed in see this meeting.",
    "continue": "Go on",
    "current_password": "Current password",
    "desk": "Desk",
    "detail": "What",
    "disable": "Disable",
    "disabled": "disabled",
    "enable": "Enable",
    "enabled": "may sign in",
    "link_for": "A link for",
    "link_hint": "It signs in once, within 30 minutes. Hand it over by a way that only they can read. "
    "It is not shown again.",
    "link_none": "This link has ended or was used. Ask for another one.",
    "link_ready": "This link signs you in, once.",
    "make_link": "Sign-in link",
    "meetings": "Meetings",
    "name": "Name",
    "navigation": "Desk",
    "new_password": "New password",
    "new_password_hint": "12 characters or more; a sentence is good.",
    "no_password": "no password",
    "none": "none",
    "older": "Older",
    "password": "Password",
    "password_changed": "The password was changed. Everywhere else you are signed out.",
    "password_length": "A password has 12 to 256 characters.",
    "password_repeated": "Both new passwords must be the same.",
    "password_wrong": "The current password is another one.",
    "people": "People",
    "people_about": "Who may use the desk. Changing a role or disabling somebody ends what they have open.",
    "person": "Who",
    "repeat_password": "New password again",
    "role": "Role",
    "role_of": "Role of",
    "sign_in": "Sign in",
    "sign_in_failed": "That did not work. Check the name and the password.",
    "sign_in_hint": "No password, or forgotten? An administrator can give you a link; on the server, "
    "“floorlog people link NAME” prints one.",
    "sign_in_wait": "Too many attempts. Please wait, then try again. Seconds to wait:",
    "sign_out": "Sign out",
    "skip_people": "Skip to the content",
    "state": "State",
    "subject": "On",
    "when": "When",
}

ROLES: Final = {
    "viewer": "Viewer",
    "reviewer": "Reviewer",
    "approver": "Approver",
    "operator": "Operator",
    "administrator": "Administrator",
}

DEEDS: Final = {
    "sign-in": "signed in",
    "sign-in.failed": "failed to sign in",
    "sign-out": "signed out",
    "password.changed": "changed the password",
    "link.made": "made a sign-in link",
    "person.added": "added somebody",
    "person.role": "changed a role",
    "person.disabled": "disabled somebody",
    "person.enabled": "enabled somebody",
}
"""Actions of the audit trail; one that is not named here is shown as it is stored."""
