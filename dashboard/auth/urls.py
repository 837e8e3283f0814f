"""Where signing in, switching and the session's own pages are."""

from django.urls import path

from dashboard.auth import account, health, passcodes, steps, switcher, views, websso

app_name = "auth"
urlpatterns = [
    path("", views.home, name="home"),
    path("sign-in/", views.sign_in, name="sign-in"),
    path("sign-in/passcode/", steps.passcode, name="passcode"),
    path("sign-in/expired/", steps.expired, name="expired"),
    path("sign-in/by/<int:number>/", websso.begin, name="websso-begin"),
    path("sign-in/websso/", websso.answer, name="websso"),
    path("sign-out/", views.sign_out, name="sign-out"),
    path("switch/", account.switch, name="switch"),
    path("scopes/", switcher.scopes, name="scopes"),
    path("no-project/", account.no_project, name="no-project"),
    path("session/", account.remaining, name="remaining"),
    path("session/extend/", account.extend, name="extend"),
    path("sessions/", account.sessions, name="sessions"),
    path("password/", account.password, name="password"),
    path("passcodes/", passcodes.index, name="passcodes"),
    path("healthz", health.healthz, name="healthz"),
]
