// What the pages' scripts are; each part works alone, and every page works without any of them.
import "./menu.js";
import "./dialog.js";
import "./errors.js";
import "./forms.js";
import "./live.js";
import "./select.js";
import "./table.js";
import "./copy.js";
import "./switcher.js";
import "./palette.js";
import "./tray.js";
import "./keys.js";
import "./session.js";
import "./password.js";
import "./build.js";
import "./again.js";
