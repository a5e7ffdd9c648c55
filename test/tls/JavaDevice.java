import java.io.ByteArrayOutputStream;
import java.io.BufferedReader;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.security.Security;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.security.interfaces.RSAPublicKey;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;

/**
 * Plays a device with Java's own TLS (JSSE), which still knows SSLv2-format hellos, SSL 3.0, RC4 and 3DES.
 *
 * <p>{@code java JavaDevice.java MAIL}: one job a line on stdin, {@code FROM PORT MODE PROTOCOLS SUITES}; FROM is the
 * local address, MODE implicit or starttls, the others lists with commas. Each job submits the octets of the file MAIL
 * (lines end in CRLF, none begins with a dot) and prints one line: {@code OK PROTOCOL SUITE BITS SIGNATURE}, or
 * {@code FAIL reason}.
 */
public class JavaDevice {
  public static void main(String[] arguments) throws Exception {
    for (String property : new String[] {"jdk.tls.disabledAlgorithms", "jdk.tls.legacyAlgorithms",
        "jdk.certpath.disabledAlgorithms"}) {
      Security.setProperty(property, "");
    }
    byte[] mail = Files.readAllBytes(Path.of(arguments[0]));
    BufferedReader jobs = new BufferedReader(new InputStreamReader(System.in));
    for (String job = jobs.readLine(); job != null; job = jobs.readLine()) {
      System.out.println(attempt(job.split(" "), mail));
    }
  }

  private static String attempt(String[] job, byte[] mail) {
    try {
      return "OK " + submit(job[0], Integer.parseInt(job[1]), job[2], job[3].split(","), job[4].split(","), mail);
    } catch (Exception trouble) {
      return "FAIL " + String.valueOf(trouble).split("\n")[0];
    }
  }

  private static String submit(String from, int port, String mode, String[] protocols, String[] suites, byte[] mail)
      throws Exception {
    try (Socket raw = new Socket()) {
      raw.bind(new InetSocketAddress(from, 0));
      raw.connect(new InetSocketAddress("127.0.0.1", port), 5000);
      raw.setSoTimeout(20000);
      raw.setTcpNoDelay(true);
      if (mode.equals("starttls")) {
        hear(raw.getInputStream(), "220");
        ask(raw, "EHLO java", "250");
        ask(raw, "STARTTLS", "220");
      }
      SSLSocket secured = (SSLSocket) context().getSocketFactory().createSocket(raw, "127.0.0.1", port, true);
      secured.setEnabledProtocols(protocols);
      secured.setEnabledCipherSuites(suites);
      secured.startHandshake();
      String what = describe(secured.getSession());
      if (mode.equals("implicit")) hear(secured.getInputStream(), "220");
      sendMail(secured, mail);
      secured.close();
      return what;
    }
  }

  private static void sendMail(Socket socket, byte[] mail) throws IOException {
    ask(socket, "EHLO java", "250");
    ask(socket, "MAIL FROM:<scan@device.test>", "250");
    ask(socket, "RCPT TO:<x@y.test>", "250");
    ask(socket, "DATA", "354");
    socket.getOutputStream().write(mail);
    ask(socket, ".", "250");
    ask(socket, "QUIT", "221");
  }

  private static String describe(SSLSession session) throws Exception {
    X509Certificate leaf = (X509Certificate) session.getPeerCertificates()[0];
    int bits = ((RSAPublicKey) leaf.getPublicKey()).getModulus().bitLength();
    return session.getProtocol() + " " + session.getCipherSuite() + " " + bits + " " + leaf.getSigAlgName();
  }

  /** Takes any chain whose leaf is signed by the certificate above it. */
  private static SSLContext context() throws Exception {
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, new TrustManager[] {new X509TrustManager() {
      @Override
      public void checkClientTrusted(X509Certificate[] chain, String type) {}

      @Override
      public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
        try {
          chain[0].verify(chain[chain.length - 1].getPublicKey());
        } catch (Exception trouble) {
          throw new CertificateException(trouble);
        }
      }

      @Override
      public X509Certificate[] getAcceptedIssuers() {
        return new X509Certificate[0];
      }
    }}, new SecureRandom());
    return context;
  }

  private static void ask(Socket socket, String line, String code) throws IOException {
    socket.getOutputStream().write((line + "\r\n").getBytes(StandardCharsets.US_ASCII));
    socket.getOutputStream().flush();
    hear(socket.getInputStream(), code);
  }

  private static void hear(InputStream in, String code) throws IOException {
    String line;
    do {
      line = readLine(in);
      if (!line.startsWith(code)) throw new IOException("wanted " + code + ", heard " + line);
    } while (line.length() > 3 && line.charAt(3) == '-');
  }

  private static String readLine(InputStream in) throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int octet = in.read(); octet != '\n'; octet = in.read()) {
      if (octet < 0) throw new EOFException("closed after '" + line + "'");
      if (octet != '\r') line.write(octet);
    }
    return line.toString(StandardCharsets.US_ASCII);
  }
}
