// Pictures from outside: dropped anywhere on the page, pasted, chosen, or taken by the camera.

export function watchPictures(taken) {
  const find = (id) => document.getElementById(id);
  const file = find("file"), pad = find("pad");

  addEventListener("dragover", (event) => {
    if (![...event.dataTransfer.types].includes("Files")) return;
    event.preventDefault();
    pad.classList.add("over");
  });
  addEventListener("dragleave", (event) => {
    if (event.relatedTarget === null) pad.classList.remove("over");
  });
  addEventListener("drop", (event) => {
    event.preventDefault();
    pad.classList.remove("over");
    const [picture] = event.dataTransfer.files;
    if (picture) taken(picture, picture.name);
  });
  addEventListener("paste", (event) => {
    const [picture] = event.clipboardData.files;
    if (picture) taken(picture, picture.name);
  });
  find("choose").addEventListener("click", () => {
    file.removeAttribute("capture");
    file.click();
  });
  file.addEventListener("change", () => {
    if (file.files[0]) taken(file.files[0], file.files[0].name);
    file.value = "";
  });
  watchCamera(find, file, taken);
}

function watchCamera(find, file, taken) {
  const dialog = find("viewfinder"), video = find("video"), take = find("take"), problem = find("camera-problem");

  find("camera").addEventListener("click", async () => {
    if (!navigator.mediaDevices) { // only pages from this machine or by https may use it; phones then offer theirs
      file.setAttribute("capture", "environment");
      file.click();
      return;
    }
    problem.hidden = take.disabled = true;
    video.hidden = false;
    dialog.showModal();
    try {
      const camera = { facingMode: "environment", width: { ideal: 1280 } };
      const stream = await navigator.mediaDevices.getUserMedia({ video: camera });
      video.srcObject = stream;
      if (!dialog.open) stop(); // it was closed while the browser asked
    } catch (error) {
      video.hidden = true;
      problem.hidden = false;
      problem.textContent = error.name === "NotAllowedError"
        ? "The browser does not allow the camera here. Allow it in the browser's settings for this page."
        : "No camera can be used. Choose a picture instead.";
    }
  });
  video.addEventListener("loadeddata", () => { take.disabled = false; });
  take.addEventListener("click", () => {
    const canvas = new OffscreenCanvas(video.videoWidth, video.videoHeight);
    canvas.getContext("2d").drawImage(video, 0, 0);
    canvas.convertToBlob({ type: "image/jpeg", quality: 0.92 }).then((blob) => taken(blob, "camera.jpg"));
    dialog.close();
  });
  find("cancel").addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", stop);

  function stop() {
    for (const track of video.srcObject?.getTracks() ?? []) track.stop();
    video.srcObject = null;
  }
}
