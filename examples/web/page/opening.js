// Not a module: a page that was opened as a file, in an old browser or without one of its parts
// runs none, and would otherwise stay empty without a word.
"use strict";
(function () {
  var chinese = /^zh\b/i.test(navigator.language);
  var old = !("noModule" in HTMLScriptElement.prototype) || typeof Worker === "undefined";

  function tell(english, inChinese) {
    var failure = document.getElementById("failure");
    failure.hidden = false;
    failure.textContent = chinese ? inChinese : english;
  }

  document.addEventListener("DOMContentLoaded", function () {
    if (location.protocol === "file:") {
      tell(
        "A browser loads no model from a folder that is opened as a file. In this folder, run " +
          "“python -m http.server”, then open http://localhost:8000.",
        "直接以文件方式打开时，浏览器无法加载模型。请在此文件夹中运行 “python -m http.server”，" +
          "然后打开 http://localhost:8000。"
      );
    } else if (old) {
      tell(
        "This browser is too old for this page. Use a current version of Safari, Chrome, Edge or Firefox.",
        "此浏览器版本过旧。请使用最新版本的 Safari、Chrome、Edge 或 Firefox。"
      );
    }
  });

  // The script of the page fails as a whole when a module that it imports is not there.
  document.addEventListener(
    "error",
    function (event) {
      if (event.target.tagName !== "SCRIPT" || location.protocol === "file:" || old) return;
      tell(
        "A script of this page could not be loaded. Put all files of the site on the host again, then reload this page.",
        "无法加载此页面的脚本。请把网站的全部文件重新放到服务器上，再重新加载此页面。"
      );
    },
    true
  );
})();
